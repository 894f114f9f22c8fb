// One node's agent, as two threads that block so that the loop need not: one sends what the loop
// orders, one long-polls the status. Both only post events; a dead agent holds up nobody else.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/mailbox.h"
#include "http/client.h"
#include "operator/events.h"
#include "operator/pusher/node_session.h"

namespace lvs {

struct AgentAddress {
  std::string node;  // also the name that the agent's certificate must have
  IpAddress address;
  std::uint16_t port = 0;

  bool operator==(const AgentAddress&) const = default;
};
// Makes the client for an agent; any thread. Dials nothing yet.
using AgentDialer = std::function<Result<std::shared_ptr<HttpClient>>(const AgentAddress&)>;

class AgentLink {
 public:
  struct Pace {
    BackoffPolicy poll{Duration(200), Duration(5'000)};
  };

  // `id` marks the events of this link.
  AgentLink(AgentAddress address, std::uint64_t id, AgentDialer dialer, PostEvent post, Pace pace);
  ~AgentLink();  // ends calls that are under way
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  // Never blocks; PushDone follows.
  void send(PushOrder order);
  [[nodiscard]] const AgentAddress& address() const { return address_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }

 private:
  void push_loop(const std::stop_token& stop);
  void poll_loop(const std::stop_token& stop);
  [[nodiscard]] PushDone carry_out(const PushOrder& order, const std::stop_token& stop);
  Result<std::shared_ptr<HttpClient>> client();
  void sleep(Duration longest, const std::stop_token& stop);

  AgentAddress address_;
  std::uint64_t id_;
  AgentDialer dialer_;
  PostEvent post_;
  Pace pace_;
  Mailbox<std::unique_ptr<PushOrder>> orders_;  // null: end
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::shared_ptr<HttpClient> client_;
  std::jthread pusher_;
  std::jthread poller_;
};

// What a status says about the stored plan.
[[nodiscard]] StoredPlan stored_plan_of(const NodeStatus& status);

}  // namespace lvs
