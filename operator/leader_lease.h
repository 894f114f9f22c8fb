// The operators' Lease, kept: one of several replicas leads, the others wait.
//
// Threads: campaign() on the caller's; then only the thread that keep() returns, which must end
// first.
#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "kube/api_client.h"
#include "operator/leadership.h"

namespace lvs {

struct LeaderOptions {
  ObjectKey lease;
  std::string identity;
  Duration duration{15'000};  // renewed at a fifth
};

class LeaderLease {
 public:
  LeaderLease(ApiClient& client, LeaderOptions options);
  // Gives the Lease up, if it is ours.
  ~LeaderLease();
  LeaderLease(const LeaderLease&) = delete;
  LeaderLease& operator=(const LeaderLease&) = delete;

  // Waits until this process leads: its term. Nothing: one of `signals` came first.
  [[nodiscard]] std::optional<std::uint64_t> campaign(const sigset_t& signals);
  // Renews as long as the thread lives; `lost` is called once, when another has taken the Lease.
  [[nodiscard]] std::jthread keep(std::function<void()> lost);

 private:
  [[nodiscard]] Result<Lease> read();
  // The Lease as written, or nothing where another leads.
  [[nodiscard]] Result<std::optional<Lease>> try_once();
  [[nodiscard]] bool may_still_lead();
  void note(const Error* error);

  const LeaderOptions options_;
  LeaseClient leases_;
  Leadership leadership_;
  std::optional<Lease> held_;
  std::string trouble_;  // told already
};

}  // namespace lvs
