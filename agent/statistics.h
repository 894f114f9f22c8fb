// What the kernel has counted, and how each real server stands; for the page /metrics.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/observed.h"
#include "core/standing.h"

namespace lvs {

struct ServerStatistics {
  DestinationKey key;
  Standing standing = Standing::kServing;
  std::optional<std::uint32_t> configured_weight;  // nothing: the plan does not have it
  // As the kernel has it; nothing: it does not.
  std::optional<ObservedDestination> observed;
};

struct ServiceStatistics {
  ServiceKey key;
  std::string virtual_service;  // NAMESPACE/NAME; empty: the plan does not have it
  std::string scheduler;
  TrafficCounters traffic;
  bool fail_open = false;
  std::array<std::size_t, kStandings> servers{};  // by Standing
  std::vector<ServerStatistics> destinations;     // empty where they are not asked for
};

struct Statistics {
  std::vector<ServiceStatistics> services;  // ours, in the kernel; sorted by key
  std::chrono::duration<double> took{};
};

// The reply runs on the loop's thread.
using StatisticsReply = std::function<void(Result<std::shared_ptr<const Statistics>>)>;

}  // namespace lvs
