// lvsctl drain and undrain of a real server: spec.drain, and what is left of its connections.
#pragma once

#include <string>

#include "cli/explain.h"
#include "cli/move_wait.h"

namespace lvs::cli {

// What the directors still have of a server's connections.
struct Remaining {
  bool known = false;     // every service's holder has answered
  bool weighted = false;  // some holder still (or again) gives it new connections
  bool held_out = false;  // some holder gives it none
  std::uint64_t active = 0;
  std::uint64_t inactive = 0;
};
// Pure. Of the holders: what a standby has are copies.
[[nodiscard]] Remaining remaining_of(const Explanation& explanation);

// The commands; they answer with an exit code. Waits until no connection is left, or until the
// directors give it connections again.
int drain_server(const Source& source, const MoveOptions& options, const std::string& name, Io& io);
int undrain_server(const Source& source, const MoveOptions& options, const std::string& name,
                   Io& io);

}  // namespace lvs::cli
