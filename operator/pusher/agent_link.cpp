#include "operator/pusher/agent_link.h"

#include "operator/random_share.h"
#include "wire/agent_api.h"
#include "wire/codec.h"
#include "wire/limits.h"

namespace lvs {
namespace {

constexpr Duration kIdle{60'000};

Result<StoredPlan> stored(const Result<ContentHash>& hash, std::uint64_t term) {
  if (!hash) return tl::unexpected<Error>(hash.error());
  return StoredPlan{*hash, term};
}

Result<StoredPlan> too_large(std::size_t bytes) {
  return fail(ErrorCode::kInvalidArgument,
              "the plan has " + std::to_string(bytes) + " bytes, and " +
                  std::to_string(kMaxPlanBytes) +
                  " is the limit; give this node fewer VirtualServices or RealServers");
}

}  // namespace

StoredPlan stored_plan_of(const NodeStatus& status) {
  StoredPlan plan;
  if (status.has_plan) plan.hash = status.stored_plan;
  plan.term = status.plan_term;
  return plan;
}

AgentLink::AgentLink(AgentAddress address, std::uint64_t id, AgentDialer dialer, PostEvent post,
                     Pace pace)
    : address_(std::move(address)),
      id_(id),
      dialer_(std::move(dialer)),
      post_(std::move(post)),
      pace_(pace),
      pusher_([this](const std::stop_token& stop) { push_loop(stop); }),
      poller_([this](const std::stop_token& stop) { poll_loop(stop); }) {}

AgentLink::~AgentLink() {
  pusher_.request_stop();
  poller_.request_stop();
  orders_.post(nullptr);
}

void AgentLink::send(PushOrder order) {
  orders_.post(std::make_unique<PushOrder>(std::move(order)));
}

Result<std::shared_ptr<HttpClient>> AgentLink::client() {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    auto made = dialer_(address_);
    if (!made) return made;
    client_ = std::move(*made);
  }
  return client_;
}

void AgentLink::push_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto order = orders_.wait_for(kIdle);
    if (!order) continue;
    if (!*order) return;
    auto done = carry_out(**order, stop);
    if (!stop.stop_requested()) post_(std::move(done));
  }
}

PushDone AgentLink::carry_out(const PushOrder& order, const std::stop_token& stop) {
  PushDone done{address_.node, id_, order.kind, StoredPlan{}, Duration(0), 0};
  const auto http = client();
  if (!http) {
    done.stored = tl::unexpected<Error>(http.error());
    return done;
  }
  AgentClient agent(**http, stop);
  const auto started = SystemClock{}.now();
  if (order.kind == PushKind::kProbe) {
    const auto answer = agent.status(std::nullopt);
    if (answer) {
      done.stored = stored_plan_of(answer->status);
    } else {
      done.stored = tl::unexpected<Error>(answer.error());
    }
  } else if (order.kind == PushKind::kPut) {
    auto body = encode(*order.plan);
    done.bytes = body.size();
    done.stored = body.size() > kMaxPlanBytes
                      ? too_large(body.size())
                      : stored(agent.put_plan(std::move(body)), order.plan->term);
  } else {
    auto body = encode(order.patch);
    done.bytes = body.size();
    done.stored = stored(agent.patch_plan(order.patch.from, std::move(body)), order.patch.term);
  }
  done.took = SystemClock{}.now() - started;
  return done;
}

void AgentLink::poll_loop(const std::stop_token& stop) {
  Backoff backoff(pace_.poll);
  std::optional<std::uint64_t> revision;
  while (!stop.stop_requested()) {
    const auto http = client();
    Result<StatusAnswer> answer = http ? AgentClient(**http, stop).status(revision)
                                       : Result<StatusAnswer>(tl::unexpected<Error>(http.error()));
    if (stop.stop_requested()) return;
    if (answer && answer->status.node != address_.node) {
      answer = fail(ErrorCode::kInvalidArgument,
                    "the agent at this address says that it is node \"" + answer->status.node +
                        "\"; correct the Node's address");
    }
    if (answer) {
      backoff.reset();
      revision = answer->revision;
      post_(AgentReport{address_.node, id_, std::move(answer->status)});
    } else {
      revision.reset();
      post_(AgentSilent{address_.node, id_, answer.error()});
      sleep(backoff.next(random_share()), stop);
    }
  }
}

void AgentLink::sleep(Duration longest, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, longest, [] { return false; });
}

}  // namespace lvs
