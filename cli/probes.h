// Requests to a service as its clients make them: each on a connection of its own, at a given pace.
//
// Threads: as many as requests may be under way; all end before run_probes() returns.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace lvs::cli {

struct ProbeTarget {
  std::string server;  // http://192.0.2.100:80
  std::string path = "/";
  // Whose answer it was: the value of this header, or the first line of the body where it is empty.
  std::string name_header;
  std::string ca_file;  // for https; empty: the system's
};
// kInvalidArgument: no http or https URL.
[[nodiscard]] Result<ProbeTarget> parse_probe_target(const std::string& url);

struct Probe {
  Duration begun{0};  // since the first
  Duration took{0};
  std::string answer;  // who answered
  std::string error;   // empty: it was answered, and not by an error
};

struct Pace {
  std::size_t count = 1;
  std::size_t at_once = 1;
  Duration interval{0};  // between the beginnings of two; 0: one follows the other
  Duration timeout{5'000};
};

// In the order of their beginnings. `each` is told how many are over, on a thread of its own choice
// and never on two at a time.
[[nodiscard]] std::vector<Probe> run_probes(const ProbeTarget& target, const Pace& pace,
                                            const std::function<void(std::size_t)>& each = {});

}  // namespace lvs::cli
