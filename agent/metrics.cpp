#include "agent/metrics.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace lvs {
namespace {

constexpr std::array kKindNames{"new_service",      "set_service",        "delete_service",
                                "new_destination",  "set_destination",    "delete_destination",
                                "add_address",      "delete_address",     "set_arp",
                                "set_accept_local", "set_local_delivery", "start_sync_daemon",
                                "stop_sync_daemon", "set_ipvs_setting"};
static_assert(kKindNames.size() == std::variant_size_v<Operation>);

Counter& counter(MetricsRegistry& registry, const char* name, const char* help) {
  return registry.counters(name, help).with();
}

Gauge& gauge(MetricsRegistry& registry, const char* name, const char* help) {
  return registry.gauges(name, help).with();
}

double seconds_of(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

}  // namespace

const char* kind_name(const Operation& operation) { return kKindNames[operation.index()]; }

AgentMetrics::AgentMetrics(MetricsRegistry& registry)
    : operations_(registry.counters("lvs_agent_kernel_operations_total",
                                    "Operations asked of the kernel, by kind and result")),
      batches_(counter(registry, "lvs_agent_kernel_batches_total", "Batches sent to the kernel")),
      errors_(registry.counters("lvs_agent_kernel_errors_total", "Refused operations, by errno")),
      destinations_read_(counter(registry, "lvs_agent_kernel_destinations_read_total",
                                 "Destinations read from the kernel")),
      drift_found_(counter(registry, "lvs_agent_drift_found_total",
                           "Differences that reconciliation found without a change of plan")),
      drift_repaired_(counter(registry, "lvs_agent_drift_repaired_total", "Of these, put right")),
      start_writes_(gauge(registry, "lvs_agent_start_kernel_writes",
                          "Writes that the last start needed; 0: everything was right")),
      plan_info_(registry.gauges("lvs_agent_plan_info", "1 for the hash of the stored plan")),
      plan_stored_(gauge(registry, "lvs_agent_plan_stored_timestamp_seconds",
                         "When the present plan was stored or loaded, since the epoch")),
      plan_followed_(registry
                         .histograms("lvs_agent_plan_programming_seconds",
                                     "From the arrival of a plan or patch until the kernel follows",
                                     latency_bounds())
                         .with()),
      kernel_follows_(
          registry.gauges("lvs_agent_plan_followed",
                          "1 while everything of the stored plan was brought to the kernel")),
      synced_(registry.gauges("lvs_agent_connections_synced",
                              "1 while the directors' kernels tell each other their connections, 0 "
                              "while they should and do not")),
      services_(gauge(registry, "lvs_agent_services", "Virtual services of ours in the kernel")),
      destinations_(gauge(registry, "lvs_agent_destinations", "Destinations in the kernel")),
      vip_holder_(registry.gauges("lvs_agent_vip_holder",
                                  "1 where this node holds the VIP and has it on its interface")),
      vip_term_(registry.gauges("lvs_agent_vip_term",
                                "The highest term of the VIP that this node knows of")),
      vip_since_(registry.gauges("lvs_agent_vip_held_since_timestamp_seconds",
                                 "On the holder: when it took the VIP, since the epoch")),
      vip_concern_(registry.gauges("lvs_agent_vip_concern",
                                   "1 where the next failover of the VIP is in doubt")),
      problems_(registry.gauges("lvs_agent_problems", "Present problems by reason")),
      backends_prepared_(gauge(registry, "lvs_agent_backends_prepared",
                               "VIPs that this node accepts as a real server, verified")),
      lingering_(gauge(registry, "lvs_agent_destinations_draining",
                       "Destinations that left the plan and keep their connections for now")),
      refused_(counter(registry, "lvs_agent_connections_refused_total",
                       "Connections to the agent that were turned away")),
      election_(registry),
      health_(registry) {}

void AgentMetrics::applied(std::span<const Operation> operations, const ApplyReport& report) {
  std::array<double, kKindNames.size()> refused{};
  std::array<double, kKindNames.size()> all{};
  for (const Operation& operation : operations) all[operation.index()] += 1;
  for (const OperationFailure& failure : report.failures) {
    refused[operations[failure.index].index()] += 1;
    errors_.with({{"errno", std::generic_category().message(failure.error_number)}}).add();
  }
  for (std::size_t kind = 0; kind < all.size(); ++kind) {
    if (all[kind] == 0) continue;
    const double accepted = all[kind] - refused[kind];
    if (accepted > 0) {
      operations_.with({{"operation", kKindNames[kind]}, {"result", "ok"}}).add(accepted);
    }
    if (refused[kind] > 0) {
      operations_.with({{"operation", kKindNames[kind]}, {"result", "refused"}}).add(refused[kind]);
    }
  }
  batches_.add();
}

void AgentMetrics::services_read(std::size_t destinations) {
  destinations_read_.add(static_cast<double>(destinations));
}

void AgentMetrics::drift_found(std::size_t operations) {
  drift_found_.add(static_cast<double>(operations));
}

void AgentMetrics::drift_repaired(std::size_t operations) {
  drift_repaired_.add(static_cast<double>(operations));
}

void AgentMetrics::start_writes(std::size_t operations) {
  start_writes_.set(static_cast<double>(operations));
}

void AgentMetrics::plan_stored(const ContentHash& hash, WallTime when) {
  const std::string text = hash.to_string();
  if (text != plan_hash_) {
    if (!plan_hash_.empty()) plan_info_.remove({{"hash", plan_hash_}});
    plan_info_.with({{"hash", text}}).set(1);
    plan_hash_ = text;
  }
  plan_stored_.set(static_cast<double>(when.time_since_epoch().count()));
}

void AgentMetrics::plan_followed(Duration since_arrival) {
  plan_followed_.observe(seconds_of(since_arrival));
}

void AgentMetrics::kernel_follows(bool follows) { kernel_follows_.with().set(follows ? 1 : 0); }

void AgentMetrics::connections_synced(std::optional<bool> synced) {
  if (synced) {
    synced_.with().set(*synced ? 1 : 0);
  } else {
    synced_.remove({});
  }
}

void AgentMetrics::tables(std::size_t services, std::size_t destinations) {
  services_.set(static_cast<double>(services));
  destinations_.set(static_cast<double>(destinations));
}

void AgentMetrics::status(const NodeStatus& status) {
  vips(status);
  for (auto& [reason, count] : problem_series_) count = 0;
  for (const ProblemReport& problem : status.problems) problem_series_[problem.reason] += 1;
  for (const auto& [reason, count] : problem_series_) {
    problems_.with({{"reason", reason}}).set(count);
  }
  const auto prepared = std::count_if(status.backends.begin(), status.backends.end(),
                                      [](const BackendReport& b) { return b.prepared; });
  backends_prepared_.set(static_cast<double>(prepared));
  lingering_.set(static_cast<double>(status.lingering.size()));
}

void AgentMetrics::vips(const NodeStatus& status) {
  std::map<std::string, MetricLabels> present;
  for (const VipReport& vip : status.vips) {
    const std::string address = vip.address.to_string();
    present[address] = {{"vip", address}};
    tell_vip(vip, present[address]);
  }
  for (const auto& [address, label] : vip_series_) {
    if (present.count(address) == 0) forget_vip(address, label);
  }
  vip_series_ = std::move(present);
}

void AgentMetrics::tell_vip(const VipReport& vip, const MetricLabels& label) {
  const bool here = vip.holder && vip.present;
  vip_holder_.with(label).set(here ? 1 : 0);
  vip_term_.with(label).set(static_cast<double>(vip.term));
  if (here && vip.election.since != 0) {
    vip_since_.with(label).set(static_cast<double>(vip.election.since));
  } else {
    vip_since_.remove(label);
  }
  MetricLabels concern;
  if (!vip.election.concern.empty()) concern = {{"concern", vip.election.concern}};
  if (!concern.empty()) concern.insert(label.begin(), label.end());
  MetricLabels& told = concern_series_[vip.address.to_string()];
  if (told != concern && !told.empty()) vip_concern_.remove(told);
  if (!concern.empty()) vip_concern_.with(concern).set(1);
  told = std::move(concern);
}

void AgentMetrics::forget_vip(const std::string& address, const MetricLabels& label) {
  vip_holder_.remove(label);
  vip_term_.remove(label);
  vip_since_.remove(label);
  const auto concern = concern_series_.find(address);
  if (concern == concern_series_.end()) return;
  vip_concern_.remove(concern->second);
  concern_series_.erase(concern);
}

void AgentMetrics::connection_refused() { refused_.add(); }

}  // namespace lvs
