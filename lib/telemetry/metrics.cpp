#include "telemetry/metrics.h"

#include <exception>
#include <list>
#include <mutex>

#include <CivetServer.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace lvs {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : target(counter) {}
  void add(double amount) override { target.Increment(amount); }
  [[nodiscard]] double value() const override { return target.Value(); }
  prometheus::Counter& target;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : target(gauge) {}
  void set(double value) override { target.Set(value); }
  void add(double amount) override { target.Increment(amount); }
  [[nodiscard]] double value() const override { return target.Value(); }
  prometheus::Gauge& target;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : target(histogram) {}
  void observe(double value) override { target.Observe(value); }
  prometheus::Histogram& target;
};

// `Make` adds a series to the library's family.
template <typename Metric, typename Adapter, typename Family, typename Make>
class PrometheusFamily final : public MetricFamily<Metric> {
 public:
  PrometheusFamily(Family& family, Make make) : family_(family), make_(std::move(make)) {}

  Metric& with(const MetricLabels& labels) override {
    const std::lock_guard lock(mutex_);
    auto& slot = series_[labels];
    if (!slot) slot = std::make_unique<Adapter>(make_(family_, labels));
    return *slot;
  }

  void remove(const MetricLabels& labels) override {
    const std::lock_guard lock(mutex_);
    const auto found = series_.find(labels);
    if (found == series_.end()) return;
    family_.Remove(&found->second->target);
    series_.erase(found);
  }

 private:
  Family& family_;
  Make make_;
  std::mutex mutex_;
  std::map<MetricLabels, std::unique_ptr<Adapter>> series_;
};

// prometheus-cpp's own exposer keeps an object for each series: half a gigabyte, and seconds, for
// what a page source writes as text.
class MetricsHandler final : public CivetHandler {
 public:
  explicit MetricsHandler(PageSource write) : write_(std::move(write)) {}

  bool handleGet(CivetServer* /*server*/, mg_connection* connection) override {
    // HTTP/1.0 knows no chunks: there the end of the connection is the end of the page.
    const bool chunks = std::string_view(mg_get_request_info(connection)->http_version) != "1.0";
    mg_printf(connection,
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
              "Connection: close\r\n%s\r\n",
              chunks ? "Transfer-Encoding: chunked\r\n" : "");
    const auto send = chunks ? mg_send_chunk : [](mg_connection* to, const char* data, unsigned n) {
      return mg_write(to, data, n);
    };
    bool listening = true;
    write_([&](std::string_view part) {
      if (listening)
        listening = send(connection, part.data(), static_cast<unsigned>(part.size())) > 0;
    });
    if (listening && chunks) mg_send_chunk(connection, "", 0);  // the end
    return true;
  }

 private:
  PageSource write_;
};

}  // namespace

struct MetricsRegistry::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  mutable std::mutex mutex;
  std::list<std::unique_ptr<MetricFamily<Counter>>> counters;
  std::list<std::unique_ptr<MetricFamily<Gauge>>> gauges;
  std::list<std::unique_ptr<MetricFamily<Histogram>>> histograms;
  MetricLabels all;
  std::vector<PageSource> sources;
  std::unique_ptr<CivetHandler> handler;
  // Last: its threads end before what they read.
  std::unique_ptr<CivetServer> server;
};

MetricsRegistry::MetricsRegistry(MetricLabels all) : state_(std::make_unique<State>()) {
  state_->all = std::move(all);
}
MetricsRegistry::~MetricsRegistry() = default;

namespace {

template <typename Metric, typename Adapter, typename Family, typename Make>
MetricFamily<Metric>& keep(std::mutex& mutex, std::list<std::unique_ptr<MetricFamily<Metric>>>& all,
                           Family& family, Make make) {
  const std::lock_guard lock(mutex);
  all.push_back(std::make_unique<PrometheusFamily<Metric, Adapter, Family, Make>>(family, make));
  return *all.back();
}

}  // namespace

MetricFamily<Counter>& MetricsRegistry::counters(const std::string& name, const std::string& help) {
  auto& family = prometheus::BuildCounter()
                     .Name(name)
                     .Help(help)
                     .Labels(state_->all)
                     .Register(*state_->registry);
  return keep<Counter, PrometheusCounter>(
      state_->mutex, state_->counters, family,
      [](auto& target, const MetricLabels& labels) -> auto& { return target.Add(labels); });
}

MetricFamily<Gauge>& MetricsRegistry::gauges(const std::string& name, const std::string& help) {
  auto& family = prometheus::BuildGauge()
                     .Name(name)
                     .Help(help)
                     .Labels(state_->all)
                     .Register(*state_->registry);
  return keep<Gauge, PrometheusGauge>(
      state_->mutex, state_->gauges, family,
      [](auto& target, const MetricLabels& labels) -> auto& { return target.Add(labels); });
}

MetricFamily<Histogram>& MetricsRegistry::histograms(const std::string& name,
                                                     const std::string& help,
                                                     std::vector<double> bounds) {
  auto& family = prometheus::BuildHistogram()
                     .Name(name)
                     .Help(help)
                     .Labels(state_->all)
                     .Register(*state_->registry);
  return keep<Histogram, PrometheusHistogram>(
      state_->mutex, state_->histograms,
      family, [bounds = std::move(bounds)](auto& target, const MetricLabels& labels) -> auto& {
        return target.Add(labels, bounds);
      });
}

void MetricsRegistry::on_scrape(PageSource source) { state_->sources.push_back(std::move(source)); }

Result<void> MetricsRegistry::expose(const std::string& address) try {
  if (address.starts_with('[')) {
    return fail(ErrorCode::kUnsupported, "cannot listen for metrics on " + address +
                                             ": Debian's civetweb is built without IPv6; write "
                                             "192.0.2.1:9441 or :9441");
  }
  const bool all = address.starts_with(':');
  auto server = std::make_unique<CivetServer>(std::vector<std::string>{
      "listening_ports", all ? "0.0.0.0" + address : address, "num_threads", "2"});
  state_->handler = std::make_unique<MetricsHandler>([this](const PageSink& page) { write(page); });
  server->addHandler("/metrics", *state_->handler);
  const std::lock_guard lock(state_->mutex);
  state_->server = std::move(server);
  return {};
} catch (const std::exception&) {  // it says nothing about the cause
  return fail(ErrorCode::kUnavailable, "cannot listen for metrics on " + address +
                                           ": it is no ADDRESS:PORT of this machine, or the port "
                                           "is taken; choose another or free it");
}

int MetricsRegistry::port() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->server) return 0;
  const auto ports = state_->server->getListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

void MetricsRegistry::write(const PageSink& page) const {
  // An empty chunk would end the page.
  const std::string own = prometheus::TextSerializer().Serialize(state_->registry->Collect());
  if (!own.empty()) page(own);
  for (const PageSource& source : state_->sources) source(page);
}

std::string MetricsRegistry::text() const {
  std::string page;
  write([&page](std::string_view part) { page.append(part); });
  return page;
}

std::vector<double> latency_bounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

const char* build_version() { return LVS_VERSION; }

void add_build_info(MetricsRegistry& registry, const std::string& component) {
  registry.gauges("lvs_build_info", "What is running; the value is always 1.")
      .with({{"component", component}, {"version", build_version()}})
      .set(1);
}

}  // namespace lvs
