// lvsctl import: from another balancer's configuration to manifests, and a report of the rest.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <glob.h>

#include "api/yaml.h"
#include "cli/command.h"
#include "cli/keepalived_import.h"
#include "cli/manifests.h"

namespace lvs::cli {
namespace {

struct ImportCommandOptions {
  std::string format;
  std::string path;
  ImportOptions import;
};

Result<std::vector<KeepalivedFile>> read_included(const std::string& pattern,
                                                  const std::string& from) {
  const auto folder = std::filesystem::path(from).parent_path();
  const std::string absolute = (folder / pattern).string();
  glob_t found{};
  const bool any = ::glob(absolute.c_str(), 0, nullptr, &found) == 0;
  std::vector<std::string> paths;
  if (any) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::vector<KeepalivedFile> files;
  if (paths.empty()) return fail(ErrorCode::kNotFound, "include " + pattern + ": no such file");
  auto read = read_files(paths);
  if (!read) return tl::unexpected(read.error());
  for (ManifestFile& file : *read) files.push_back({std::move(file.name), std::move(file.text)});
  return files;
}

// The report goes where it can be told from the manifests. Nothing lost is exit 0.
int print(const Imported& imported, Io& io) {
  for (const std::string& object : imported.objects) {
    const std::string yaml = json_to_yaml(object);
    io.out << "---\n" << yaml << (yaml.ends_with('\n') ? "" : "\n");
  }
  for (const ImportNote& note : imported.notes) io.err << to_string(note) << '\n';
  const auto count = [&](ImportFate fate) {
    return std::count_if(imported.notes.begin(), imported.notes.end(),
                         [fate](const auto& note) { return note.fate == fate; });
  };
  const auto dropped = count(ImportFate::kDropped);
  io.err << imported.objects.size() << " objects; " << count(ImportFate::kReplaced)
         << " lines replaced, " << count(ImportFate::kChanged) << " changed, " << dropped
         << " dropped\n"
         << "Add a v1/Node for each director, labelled lvs-operator.io/director: \"true\", unless "
            "the cluster has them; then: lvsctl validate, lvsctl render\n";
  return dropped == 0 ? kExitOk : kExitNo;
}

int import_file(const ImportCommandOptions& options, Io& io) {
  if (options.format != "keepalived") {
    return fail_with(io, "import " + options.format + ": write keepalived");
  }
  auto files = read_files({options.path});
  if (!files) return fail_with(io, files.error().message);
  if (files->size() != 1) return fail_with(io, options.path + ": write one file, not a folder");
  const auto config = parse_keepalived({files->front().name, files->front().text}, read_included);
  if (!config) return fail_with(io, config.error().message);
  return print(import_keepalived(*config, options.import), io);
}

Action declare_import(CLI::App& app) {
  auto options = std::make_shared<ImportCommandOptions>();
  app.add_option("format", options->format, "keepalived")->required()->type_name("FORMAT");
  app.add_option("file", options->path, "Its configuration, or - for the standard input")
      ->required()
      ->type_name("FILE");
  app.add_option("-n,--namespace", options->import.ns, "Namespace of the resources")
      ->capture_default_str();
  app.add_option("--id", options->import.id,
                 "As keepalived -i: which of the lines that begin with @ count")
      ->type_name("NAME");
  return [options](Io& io) { return import_file(*options, io); };
}

}  // namespace

const Command kImportCommand{
    "import", "Turn keepalived.conf into manifests, and say of every line what becomes of it",
    "  lvsctl import keepalived /etc/keepalived/keepalived.conf > services.yaml\n"
    "  lvsctl import keepalived --id lb1 -n shop keepalived.conf > services.yaml\n"
    "Manifests go to the standard output, the report to the standard error:\n"
    "  replaced: lvs-operator does it by itself; changed: not to the letter; dropped: gone.\n"
    "Exits with 1 if something was dropped.\n",
    declare_import};

}  // namespace lvs::cli
