// The statistics of services and real servers on the page /metrics: asked of the loop when a scrape
// comes, and written as text on the scraping thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "agent/messages.h"
#include "agent/statistics.h"
#include "base/clock.h"
#include "telemetry/metrics.h"

namespace lvs {

// Threads: any.
class StatisticsPage {
 public:
  struct Options {
    std::string node;
    bool destinations = true;
    Duration patience{5'000};  // for the loop; then the page does without
  };
  StatisticsPage(MetricsRegistry& registry, Options options, const Clock& clock);

  using Ask = std::function<void(StatisticsRequested)>;
  // Empty: there is no loop (any more), and no statistics on the page.
  void connect(Ask ask);
  // What on_scrape() wants. Numbers that are less than a second old are good enough.
  void write(const PageSink& page);

 private:
  std::shared_ptr<const Statistics> latest();
  std::shared_ptr<const Statistics> ask();

  const Options options_;
  const Clock& clock_;
  Gauge& seconds_;
  Counter& failures_;
  std::mutex ask_mutex_;
  Ask ask_;
  std::mutex latest_mutex_;
  std::shared_ptr<const Statistics> latest_;
  TimePoint latest_at_;
};

}  // namespace lvs
