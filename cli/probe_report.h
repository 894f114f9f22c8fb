// What probes come to, and whether it is as promised. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/probes.h"
#include "cli/table.h"

namespace lvs::cli {

struct Verdict {
  std::string text;
  bool holds = false;
};

// Failures by reason, "2 of 100 failed: 2 x no answer in time"; empty: none.
[[nodiscard]] std::string failures_of(const std::vector<Probe>& probes);

// Who answered how often. Holds: none failed and, with `weights`, every server had its share.
// Shares are exact over whole rounds, and one off in between.
[[nodiscard]] Verdict judge_distribution(const std::vector<Probe>& probes,
                                         const std::map<std::string, unsigned>& weights,
                                         bool colour);

// Latencies and rate. Holds: none failed.
[[nodiscard]] Verdict judge_performance(const std::vector<Probe>& probes, bool colour);

// Times without an answer: from the first probe that failed to the next one that did not.
struct Outage {
  Duration begun{0};
  Duration took{0};
  std::size_t failed = 0;
};
[[nodiscard]] std::vector<Outage> find_outages(const std::vector<Probe>& probes);
// Holds: the service answers at the end, and no outage was longer than `longest`.
[[nodiscard]] Verdict judge_failover(const std::vector<Probe>& probes, Duration longest,
                                     bool colour);

}  // namespace lvs::cli
