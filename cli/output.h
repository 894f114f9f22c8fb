// -o table|json|yaml, the same for every command that has it.
#pragma once

#include <string>

#include "cli/command.h"

namespace lvs::cli {

enum class Format { kTable, kJson, kYaml };

// Declares -o/--output.
void add_output_option(CLI::App& app, Format& format);

// Prints the JSON text as the format wants it (not for kTable).
void print_document(Io& io, Format format, const std::string& json);

}  // namespace lvs::cli
