// Runs the checks of this node, each at its time, on a thread of its own: the agent loop never
// waits for a server, and a slow server delays nobody's check but its own.
//
// Threads: watch() on any; `heard` and `probed` are called on the runner's thread and must be quick.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/health/health_port.h"

namespace lvs {

class HealthRunner final : public HealthPort {
 public:
  using Heard = std::function<void(PoolHealthHeard)>;
  // After each probe. `late`: how long after its time it was begun.
  using Probed = std::function<void(const CheckedServer&, const ProbeResult&, Duration late)>;

  struct Options {
    std::size_t most_running = 0;  // probes at a time, each with one file descriptor
    std::string check_files;       // the folder of the files that TLS checks name
  };
  HealthRunner(const Clock& clock, const Options& options, Heard heard, Probed probed);
  // After it neither is called any more.
  ~HealthRunner() override;
  HealthRunner(const HealthRunner&) = delete;
  HealthRunner& operator=(const HealthRunner&) = delete;

  void watch(const ServiceKey& service, std::set<CheckedServer> servers) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lvs
