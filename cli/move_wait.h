// Waiting, with progress, for what was asked of the directors.
#pragma once

#include <functional>
#include <string>

#include "cli/duty_desk.h"

namespace lvs::cli {

struct MoveOptions {
  SourceOptions source;
  std::string wait = "30s";
  bool dry_run = false;
};
void add_move_options(CLI::App& app, MoveOptions& options);

// What a look says of the wish.
struct Progress {
  bool done = false;
  std::string text;  // printed whenever it changes
};
// Looks until it is done (true) or `wait` is over.
[[nodiscard]] bool wait_until(Duration wait, Duration every, Io& io,
                              const std::function<Progress()>& look);
// Looks every quarter of a second until it is done (true) or `wait` is over. A look that fails is
// progress, too.
[[nodiscard]] bool wait_until_done(DutyDesk& desk, Duration wait, Io& io,
                                   const std::function<Progress(const Duties&)>& judge);

// "192.0.2.100: " in front of what is said of one VIP.
[[nodiscard]] std::string of(const IpAddress& vip);

}  // namespace lvs::cli
