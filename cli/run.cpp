#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace lvs::cli {
namespace {

constexpr const char* kDescription =
    "lvsctl: kernel load balancing (LVS) from two resources, looked at and checked.\n"
    "failover, drain and undrain move VIPs; nothing else that it does changes a machine.";

constexpr const char* kFooter =
    "Exit codes: 0 all is well, 1 the answer is no (invalid, different, a problem),\n"
    "            2 wrong usage or an error, 3 a node did not answer.";

// The action of the command that the user chose.
struct Chosen {
  const CLI::App* app;
  Action action;
};

std::vector<Chosen> declare_all(CLI::App& app) {
  std::vector<Chosen> declared;
  for (const Command* command : commands()) {
    CLI::App* sub = app.add_subcommand(command->name, command->summary);
    sub->footer(std::string("Examples:\n") + command->examples);
    declared.push_back({sub, command->declare(*sub)});
  }
  return declared;
}

// --help and --version are answers, everything else is wrong usage.
int report(const CLI::App& app, const CLI::ParseError& error, Io& io) {
  const int code = app.exit(error, io.out, io.err);
  return code == 0 ? kExitOk : kExitError;
}

}  // namespace

int fail_with(Io& io, const std::string& message) {
  io.err << "lvsctl: " << message << '\n';
  return kExitError;
}

int run(const std::vector<std::string>& arguments, Io& io) {
  CLI::App app(kDescription, io.kubectl ? "kubectl lvs" : "lvsctl");
  app.footer(kFooter);
  app.set_version_flag("--version", "lvsctl " LVS_VERSION);
  app.require_subcommand(1);
  const auto declared = declare_all(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return report(app, error, io);
  }
  const auto chosen = std::find_if(declared.begin(), declared.end(),
                                   [](const Chosen& c) { return c.app->parsed(); });
  return chosen->action(io);
}

}  // namespace lvs::cli
