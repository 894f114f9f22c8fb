#include <cstdlib>
#include <exception>
#include <iostream>

#include <unistd.h>

#include "cli/command.h"

namespace {

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

bool is_kubectl_plugin(const std::string& program) {
  return program.substr(program.rfind('/') + 1).starts_with("kubectl-");
}

}  // namespace

int main(int argc, char** argv) try {
  lvs::cli::Io io{.out = std::cout,
                  .err = std::cerr,
                  .colour = isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty(),
                  .kubectl = argc > 0 && is_kubectl_plugin(argv[0]),
                  .environment = environment};
  return lvs::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, io);
} catch (const std::exception& error) {
  std::cerr << "lvsctl: " << error.what() << '\n';
  return lvs::cli::kExitError;
}
