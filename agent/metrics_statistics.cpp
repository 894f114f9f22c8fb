#include "agent/metrics_statistics.h"

#include <future>

#include "telemetry/exposition.h"

namespace lvs {
namespace {

constexpr Duration kGoodFor{1'000};
constexpr auto kCounter = Exposition::Type::kCounter;
constexpr auto kGauge = Exposition::Type::kGauge;
constexpr std::string_view kIn = "direction=\"in\"";
constexpr std::string_view kOut = "direction=\"out\"";

bool answers_pass_here(const ObservedDestination& destination) {
  return destination.config.forwarding == ForwardingMethod::kMasquerade;
}

// A family is written by one pass over everything; the labels are made once.
class StatisticsText {
 public:
  StatisticsText(const Statistics& statistics, const std::string& node, const PageSink& page)
      : statistics_(statistics), out_(page) {
    for (const ServiceStatistics& service : statistics.services) {
      services_.push_back(label_text({{"node", node}, {"service", to_string(service.key)}}));
      for (const ServerStatistics& server : service.destinations) {
        servers_.push_back(services_.back() + "," +
                           label_text({{"server", to_string(server.key)}}));
      }
    }
  }

  void write_services() {
    out_.family("lvs_agent_service_info", "1 for each service of ours in the kernel", kGauge);
    each_service([&](const std::string& labels, const ServiceStatistics& s) {
      out_.sample(labels,
                  label_text({{"virtual_service", s.virtual_service}, {"scheduler", s.scheduler}}),
                  1);
    });
    out_.family("lvs_agent_service_connections_total", "Connections, counted by the kernel",
                kCounter);
    each_service([&](const std::string& labels, const ServiceStatistics& s) {
      out_.sample(labels, s.traffic.connections);
    });
    service_traffic("lvs_agent_service_packets_total", "Packets, in: from clients",
                    &TrafficCounters::packets_in, &TrafficCounters::packets_out);
    service_traffic("lvs_agent_service_bytes_total", "Bytes, in: from clients",
                    &TrafficCounters::bytes_in, &TrafficCounters::bytes_out);
    out_.family("lvs_agent_service_fail_open",
                "1 while the whole pool is kept although most of it looks dead", kGauge);
    each_service([&](const std::string& labels, const ServiceStatistics& s) {
      out_.sample(labels, std::uint64_t{s.fail_open});
    });
    write_standings();
  }

  void write_destinations() {
    each_value("lvs_agent_destination_connections_total",
               "Connections sent to the server, counted by the kernel", kCounter,
               [](const ObservedDestination& d) { return d.traffic.connections; });
    server_traffic("lvs_agent_destination_packets_total", "Packets to the server (in)",
                   &TrafficCounters::packets_in, &TrafficCounters::packets_out);
    server_traffic("lvs_agent_destination_bytes_total", "Bytes to the server (in)",
                   &TrafficCounters::bytes_in, &TrafficCounters::bytes_out);
    each_value("lvs_agent_destination_active_connections",
               "Connections that the kernel counts as active", kGauge,
               [](const ObservedDestination& d) { return d.connections.active; });
    each_value("lvs_agent_destination_inactive_connections", "The others that the kernel remembers",
               kGauge, [](const ObservedDestination& d) { return d.connections.inactive; });
    each_value("lvs_agent_destination_weight", "The weight in the kernel", kGauge,
               [](const ObservedDestination& d) { return d.config.weight; });
    out_.family("lvs_agent_destination_configured_weight", "The weight of the RealServer", kGauge);
    each_server([&](const std::string& labels, const ServerStatistics& s) {
      if (s.configured_weight) out_.sample(labels, std::uint64_t{*s.configured_weight});
    });
    write_reasons();
  }

 private:
  template <typename Visit>
  void each_service(const Visit& visit) {
    auto labels = services_.begin();
    for (const ServiceStatistics& service : statistics_.services) visit(*labels++, service);
  }
  template <typename Visit>
  void each_server(const Visit& visit) {
    auto labels = servers_.begin();
    for (const ServiceStatistics& service : statistics_.services) {
      for (const ServerStatistics& server : service.destinations) visit(*labels++, server);
    }
  }
  template <typename Value>
  void each_value(const char* name, const char* help, Exposition::Type type, const Value& value) {
    out_.family(name, help, type);
    each_server([&](const std::string& labels, const ServerStatistics& s) {
      if (s.observed) out_.sample(labels, std::uint64_t{value(*s.observed)});
    });
  }

  using Count = std::uint64_t TrafficCounters::*;
  void service_traffic(const char* name, const char* help, Count in, Count out) {
    out_.family(name, help, kCounter);
    each_service([&](const std::string& labels, const ServiceStatistics& s) {
      out_.sample(labels, kIn, s.traffic.*in);
      out_.sample(labels, kOut, s.traffic.*out);
    });
  }
  void server_traffic(const char* name, const char* help, Count in, Count out) {
    out_.family(name, help, kCounter);
    each_server([&](const std::string& labels, const ServerStatistics& s) {
      if (!s.observed) return;
      out_.sample(labels, kIn, s.observed->traffic.*in);
      if (answers_pass_here(*s.observed)) out_.sample(labels, kOut, s.observed->traffic.*out);
    });
  }

  // Serving always, so that an empty pool is a number.
  void write_standings() {
    out_.family("lvs_agent_service_servers",
                "Servers by state: Serving, or why they get no new connections", kGauge);
    each_service([&](const std::string& labels, const ServiceStatistics& s) {
      for (std::size_t i = 0; i < kStandings; ++i) {
        const auto standing = static_cast<Standing>(i);
        if (s.servers[i] == 0 && standing != Standing::kServing) continue;
        out_.sample(labels, label_text({{"state", to_string(standing)}}),
                    std::uint64_t{s.servers[i]});
      }
    });
  }
  void write_reasons() {
    out_.family("lvs_agent_destination_out", "1 while the server gets no new connections, and why",
                kGauge);
    each_server([&](const std::string& labels, const ServerStatistics& s) {
      if (s.standing == Standing::kServing || s.standing == Standing::kSorry) return;
      out_.sample(labels, label_text({{"reason", to_string(s.standing)}}), 1);
    });
  }

  const Statistics& statistics_;
  Exposition out_;
  std::vector<std::string> services_;
  std::vector<std::string> servers_;
};

}  // namespace

StatisticsPage::StatisticsPage(MetricsRegistry& registry, Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      seconds_(registry
                   .gauges("lvs_agent_statistics_read_seconds",
                           "How long reading these statistics from the kernel took")
                   .with()),
      failures_(registry
                    .counters("lvs_agent_statistics_failures_total",
                              "Times that the kernel could not be read for them")
                    .with()) {}

void StatisticsPage::connect(Ask ask) {
  const std::lock_guard lock(ask_mutex_);
  ask_ = std::move(ask);
}

void StatisticsPage::write(const PageSink& page) {
  const auto statistics = latest();
  if (!statistics) return;
  StatisticsText text(*statistics, options_.node, page);
  text.write_services();
  if (options_.destinations) text.write_destinations();
}

// One scrape at a time asks; the others wait for what it gets.
std::shared_ptr<const Statistics> StatisticsPage::latest() {
  const std::lock_guard lock(latest_mutex_);
  if (latest_ && clock_.now() - latest_at_ < kGoodFor) return latest_;
  latest_ = ask();
  latest_at_ = clock_.now();
  return latest_;
}

std::shared_ptr<const Statistics> StatisticsPage::ask() try {
  const auto answer = std::make_shared<std::promise<Result<std::shared_ptr<const Statistics>>>>();
  auto future = answer->get_future();
  {
    const std::lock_guard lock(ask_mutex_);
    if (!ask_) return nullptr;
    ask_({[answer](Result<std::shared_ptr<const Statistics>> result) {
      answer->set_value(std::move(result));
    }});
  }
  if (future.wait_for(options_.patience) != std::future_status::ready) {
    failures_.add();
    return nullptr;
  }
  auto result = future.get();
  if (!result) {
    failures_.add();
    return nullptr;
  }
  seconds_.set((*result)->took.count());
  return *result;
} catch (const std::future_error&) {  // the loop has ended with the question in its mailbox
  return nullptr;
}

}  // namespace lvs
