#include "agent/state_walk.h"

#include <algorithm>

#include "core/diff.h"
#include "core/format.h"
#include "core/realise.h"

namespace lvs {
namespace {

constexpr std::size_t kReadsATurn = 1000;

void append(std::vector<std::string>& lines, const ChangeSet& operations) {
  for (const Operation& operation : operations) lines.push_back(format(operation));
}

}  // namespace

void StateWalk::work(const Context& context) {
  if (!reading_) {
    if (const auto begun = begin(); !begun) {
      fail_all(begun.error());
      return;
    }
  }
  for (std::size_t reads = 0; next_ < services_.size() && reads < kReadsATurn; ++next_) {
    auto destinations = kernel_.dump_destinations(services_[next_].key);
    if (!destinations) {
      fail_all(destinations.error());
      return;
    }
    reads += destinations->size() + 1;
    services_[next_].destinations = std::move(*destinations);
  }
  if (next_ == services_.size()) finish(context);
}

Result<void> StateWalk::begin() {
  auto services = kernel_.dump_services();
  if (!services) return tl::unexpected(services.error());
  services_ = std::move(*services);
  next_ = 0;
  reading_ = true;
  return {};
}

void StateWalk::finish(const Context& context) {
  NodeState state;
  state.status = context.status;
  if (context.plan != nullptr) {
    const TableFacts facts{*context.plan, services_, context.off_link, context.health,
                           context.held};
    append(state.pending, diff_tables(facts, context.drains, context.now));
  }
  append(state.pending, context.network_pending);
  state.peers = peer_reports(context.director.directors(), context.now);
  state.heartbeats = heartbeat_counts(context.director.heartbeat_stats());
  state.services = std::move(services_);
  const auto network = kernel_.dump_network();
  if (!network) {
    fail_all(network.error());
    return;
  }
  state.addresses = network->addresses;
  state.arp = network->arp;
  const std::vector<StateRequested> requests = std::move(requests_);
  requests_.clear();
  reading_ = false;
  services_ = {};
  for (const StateRequested& request : requests) request.reply(state);
}

void StateWalk::fail_all(const Error& error) {
  const std::vector<StateRequested> requests = std::move(requests_);
  requests_.clear();
  reading_ = false;
  services_ = {};
  for (const StateRequested& request : requests) request.reply(tl::unexpected(error));
}

}  // namespace lvs
