#include "cli/output.h"

#include <ostream>

#include <CLI/CLI.hpp>

#include "api/yaml.h"

namespace lvs::cli {

void add_output_option(CLI::App& app, Format& format) {
  static const std::map<std::string, Format> kFormats{
      {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
  app.add_option_function<std::string>(
         "-o,--output", [&format](const std::string& name) { format = kFormats.at(name); },
         "table (default), json or yaml")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(kFormats));
}

void print_document(Io& io, Format format, const std::string& json) {
  io.out << (format == Format::kYaml ? json_to_yaml(json) : json + "\n");
}

}  // namespace lvs::cli
