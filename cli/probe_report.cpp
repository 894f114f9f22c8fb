#include "cli/probe_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "base/duration.h"

namespace lvs::cli {
namespace {

bool failed(const Probe& probe) { return !probe.error.empty(); }

std::string number(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

Duration at_percent(const std::vector<Duration>& sorted, std::size_t percent) {
  return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

std::string ending(const std::vector<Probe>& probes, bool holds, const std::string& promise,
                   bool colour) {
  std::string text;
  if (const auto failures = failures_of(probes); !failures.empty()) text = failures + "\n";
  return text +
         paint(holds ? "holds: " + promise : "does not hold: " + promise,
               holds ? Tone::kGood : Tone::kBad, colour) +
         "\n";
}

// Of `all` answers: over whole rounds exactly its share, else one more or less.
bool has_its_share(std::size_t count, std::size_t all, unsigned weight, unsigned total) {
  const std::size_t share = all * weight;
  const std::size_t low = share / total;
  return share % total == 0 ? count == low : count == low || count == low + 1;
}

}  // namespace

std::string failures_of(const std::vector<Probe>& probes) {
  std::map<std::string, std::size_t> reasons;
  for (const Probe& probe : probes) {
    if (failed(probe)) ++reasons[probe.error];
  }
  if (reasons.empty()) return {};
  std::vector<std::string> parts;
  std::size_t all = 0;
  for (const auto& [reason, count] : reasons) {
    parts.push_back(std::to_string(count) + " x " + reason);
    all += count;
  }
  return std::to_string(all) + " of " + std::to_string(probes.size()) + " failed: " + join(parts);
}

Verdict judge_distribution(const std::vector<Probe>& probes,
                           const std::map<std::string, unsigned>& weights, bool colour) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [name, weight] : weights) counts[name] = 0;
  for (const Probe& probe : probes) {
    if (!failed(probe)) ++counts[probe.answer];
  }
  const auto total = std::accumulate(weights.begin(), weights.end(), 0U,
                                     [](unsigned sum, const auto& w) { return sum + w.second; });
  bool holds = failures_of(probes).empty();
  TextTable table({"SERVER", "ANSWERS", "SHARE", "WEIGHT"});
  for (const auto& [name, count] : counts) {
    const auto weight = weights.find(name);
    const unsigned wanted = weight == weights.end() ? 0 : weight->second;
    const bool right =
        weights.empty() || (total > 0 && has_its_share(count, probes.size(), wanted, total));
    holds = holds && right;
    const double share = 100.0 * static_cast<double>(count) / static_cast<double>(probes.size());
    table.add({name,
               {std::to_string(count), right ? Tone::kPlain : Tone::kBad},
               number(share, 1) + " %",
               weights.empty() ? "" : std::to_string(wanted)});
  }
  const std::string promise =
      weights.empty() ? "every request is answered" : "answers follow the weights";
  return {table.to_string(0, colour) + ending(probes, holds, promise, colour), holds};
}

Verdict judge_performance(const std::vector<Probe>& probes, bool colour) {
  std::vector<Duration> took;
  Duration end{1};
  for (const Probe& probe : probes) {
    end = std::max(end, probe.begun + probe.took);
    if (!failed(probe)) took.push_back(probe.took);
  }
  std::sort(took.begin(), took.end());
  std::string text;
  if (!took.empty()) {
    const double seconds = std::chrono::duration<double>(end).count();
    text = std::to_string(took.size()) + " answers in " + format_duration(end) + ", " +
           number(static_cast<double>(took.size()) / seconds, 1) + " a second\n" +
           "latency: 50 % " + format_duration(at_percent(took, 50)) + ", 90 % " +
           format_duration(at_percent(took, 90)) + ", 99 % " +
           format_duration(at_percent(took, 99)) + ", longest " + format_duration(took.back()) +
           "\n";
  }
  const bool holds = failures_of(probes).empty();
  return {text + ending(probes, holds, "every request is answered", colour), holds};
}

std::vector<Outage> find_outages(const std::vector<Probe>& probes) {
  std::vector<Outage> outages;
  bool out = false;
  for (const Probe& probe : probes) {
    if (failed(probe)) {
      if (!out) outages.push_back({probe.begun, {}, 0});
      out = true;
      ++outages.back().failed;
      outages.back().took = probe.begun + probe.took - outages.back().begun;
    } else if (out) {
      out = false;
      outages.back().took = probe.begun - outages.back().begun;
    }
  }
  return outages;
}

Verdict judge_failover(const std::vector<Probe>& probes, Duration longest, bool colour) {
  const auto outages = find_outages(probes);
  TextTable table({"AFTER", "OUTAGE", "FAILED"});
  bool holds = !probes.empty() && !failed(probes.back());
  for (const Outage& outage : outages) {
    const bool short_enough = outage.took <= longest;
    holds = holds && short_enough;
    table.add({format_duration(outage.begun),
               {format_duration(outage.took), short_enough ? Tone::kPlain : Tone::kBad},
               std::to_string(outage.failed)});
  }
  const std::string text = outages.empty() ? "no probe failed\n" : table.to_string(0, colour);
  const std::string promise = "no outage is longer than " + format_duration(longest) +
                              ", and the service answers at the end";
  return {counted(probes.size(), "probe") + "\n" + text + ending(probes, holds, promise, colour),
          holds};
}

}  // namespace lvs::cli
