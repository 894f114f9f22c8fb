#include "cli/move_wait.h"

#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>

namespace lvs::cli {
namespace {

constexpr Duration kLookEvery{250};

}  // namespace

void add_move_options(CLI::App& app, MoveOptions& options) {
  add_source_options(app, options.source);
  app.add_option("--wait", options.wait, "How long to wait until it is done")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_flag("--dry-run", options.dry_run, "Print what would happen; change nothing");
}

bool wait_until(Duration wait, Duration every, Io& io, const std::function<Progress()>& look) {
  const SystemClock clock;
  const TimePoint end = clock.now() + wait;
  std::string said;
  for (;;) {
    const Progress progress = look();
    if (!progress.text.empty() && progress.text != said) io.out << progress.text << std::endl;
    said = progress.text;
    if (progress.done) return true;
    if (clock.now() >= end) return false;
    std::this_thread::sleep_for(every);
  }
}

bool wait_until_done(DutyDesk& desk, Duration wait, Io& io,
                     const std::function<Progress(const Duties&)>& judge) {
  return wait_until(wait, kLookEvery, io, [&] {
    const auto duties = desk.look();
    return duties ? judge(*duties) : Progress{false, duties.error().message};
  });
}

std::string of(const IpAddress& vip) { return vip.to_string() + ": "; }

}  // namespace lvs::cli
