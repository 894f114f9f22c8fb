// Metrics for Prometheus: families of counters, gauges and histograms with labels, and the page
// /metrics that a scrape reads. Names follow the Prometheus conventions (lvs_..., base units,
// _total for counters).
//
// The registry owns everything that it hands out; references stay good until it is destroyed or the
// series is removed. All of it may be used from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvs {

using MetricLabels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1.0) = 0;  // never negative
  [[nodiscard]] virtual double value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double amount) = 0;
  [[nodiscard]] virtual double value() const = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

// One metric name; a series per set of labels.
template <typename Metric>
class MetricFamily {
 public:
  virtual ~MetricFamily() = default;
  // The series with these labels, made when it is not there yet.
  virtual Metric& with(const MetricLabels& labels = {}) = 0;
  // The series leaves the page; references to it are dead. Does nothing where there is none.
  virtual void remove(const MetricLabels& labels) = 0;
};

// Takes the page part by part: as a whole it may be 80 MB.
using PageSink = std::function<void(std::string_view part)>;
// Writes what is read when a scrape asks to the end of the page (telemetry/exposition.h).
using PageSource = std::function<void(const PageSink& page)>;

class MetricsRegistry {
 public:
  // Every series of a family that is made here gets the labels `all`.
  explicit MetricsRegistry(MetricLabels all = {});
  ~MetricsRegistry();  // stops serving first
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // Each name once.
  MetricFamily<Counter>& counters(const std::string& name, const std::string& help);
  MetricFamily<Gauge>& gauges(const std::string& name, const std::string& help);
  // `bounds`: upper bounds of the buckets, ascending, +Inf is added.
  MetricFamily<Histogram>& histograms(const std::string& name, const std::string& help,
                                      std::vector<double> bounds);

  // `source` runs on the scraping threads, for every scrape; it must not throw, and what it uses
  // must outlive the registry. Before expose().
  void on_scrape(PageSource source);

  // Serves http://ADDRESS/metrics from threads of its own until the registry ends. `address` such
  // as "0.0.0.0:9442", ":9442" (the same), "127.0.0.1:0"; IPv4 only. Once.
  Result<void> expose(const std::string& address);
  // 0 where nothing is served.
  [[nodiscard]] int port() const;

  // The page as a scrape gets it.
  void write(const PageSink& page) const;
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Bounds in seconds for what takes between a millisecond and a minute.
[[nodiscard]] std::vector<double> latency_bounds();

// lvs_build_info{component="operator",version="..."} 1
void add_build_info(MetricsRegistry& registry, const std::string& component);

// The version of this build, such as "0.1.0".
[[nodiscard]] const char* build_version();

}  // namespace lvs
