// lvs-operator: wiring only. See loop.h for what it does.
#include <csignal>
#include <iostream>

#include "base/signals.h"
#include "operator/config.h"
#include "operator/run.h"

namespace lvs {
namespace {

constexpr int kFailed = 1;

int report(const Error& error) {
  std::cerr << "lvs-operator: " << error.message << "\n";
  return kFailed;
}

int dry_run(const OperatorConfig& config) {
  const auto clean = print_plans(config);
  if (!clean) return report(clean.error());
  return *clean ? 0 : kFailed;
}

int start(const OperatorConfig& config) {
  set_log_level(config.log_level);
  set_log_format(config.log_format);
  if (config.dry_run) return dry_run(config);
  const auto done = run_operator(config, block_ending_signals());
  return done ? 0 : report(done.error());
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) {
  const auto parsed = lvs::parse_command_line(argc, argv);
  if (const auto* exit_now = std::get_if<lvs::ExitNow>(&parsed)) return exit_now->code;
  return lvs::start(std::get<lvs::OperatorConfig>(parsed));
}
