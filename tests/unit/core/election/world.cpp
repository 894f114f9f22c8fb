#include "tests/unit/core/election/world.h"

#include <algorithm>
#include <utility>

namespace lvs::test {
namespace {

constexpr int kLateSteps = 4;

}  // namespace

IpAddress World::default_vip() { return IpAddress::parse("192.0.2.1").value(); }

std::string World::name(int index) { return "d" + std::to_string(index + 1); }

HardwareAddress World::hardware(int index) {
  return {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index + 1)};
}

World::World(WorldConfig config, std::vector<IpAddress> vips)
    : config_(std::move(config)), vips_(std::move(vips)) {
  const auto count = static_cast<std::size_t>(config_.nodes);
  nodes_.resize(count);
  muted_.assign(count, std::vector<bool>(count));
  split_ = muted_;
  for (int index = 0; index < config_.nodes; ++index) start_agent(index);
}

void World::start_agent(int index) {
  WorldNode& node = at(index);
  node.inbox.clear();
  node.decided.clear();
  node.paused = node.leaving = false;
  node.told_fitness = Fitness::kUnknown;
  node.election.emplace(config_.election,
                        ElectionIdentity{name(index), ++node.boot, {hardware(index)}}, now_);
  VipsPlanned plan;
  std::size_t turn = 0;  // the VIPs are spread
  for (const IpAddress& vip : vips_) {
    ElectedVip planned{vip, {}, config_.preempt_after, 0};
    for (int i = 0; i < config_.nodes; ++i) {
      planned.candidates.push_back(name((i + static_cast<int>(turn)) % config_.nodes));
    }
    plan.vips.push_back(std::move(planned));
    ++turn;
  }
  give(index, plan);
  learn_hardware(index);
  if (node.drained) give(index, DrainNode{});
  for (const IpAddress& vip : vips_) {
    const auto address = node.addresses.find(vip);
    const bool present = address != node.addresses.end();
    give(index, AddressSeen{vip, present, present ? address->second - now_ : Duration{0}});
  }
}

// Heartbeats are unicast: the kernel had to find out where the others are.
void World::learn_hardware(int index) {
  for (int other = 0; other < count(); ++other) {
    if (reach(index, other)) give(index, HardwareLearnt{name(other), hardware(other)});
  }
}

bool World::runs(int index) const {
  const WorldNode& node = this->node(index);
  return node.machine && !node.frozen && !node.paused && node.election.has_value();
}

bool World::reach(int a, int b) const {
  const auto up = [&](int i) {
    const WorldNode& node = this->node(i);
    return node.machine && !node.frozen && node.link && !node.isolated;
  };
  return a != b && up(a) && up(b) &&
         !split_[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
}

std::vector<int> World::holders(const IpAddress& vip) const {
  std::vector<int> found;
  for (int i = 0; i < count(); ++i) {
    const WorldNode& n = node(i);
    if (n.machine && !n.frozen && n.link && n.addresses.contains(vip)) found.push_back(i);
  }
  return found;
}

std::optional<VipView> World::view(int index, const IpAddress& vip) const {
  if (!node(index).election) return {};
  for (VipView& view : node(index).election->vips(now_)) {
    if (view.vip == vip) return std::move(view);
  }
  return {};
}

void World::step(const FaultChoice& choice) {
  now_ += config_.step;
  news.clear();
  acquired_terms.clear();
  expire_addresses();
  serve_api();
  deliver();
  for (int i = 0; i < count(); ++i) look(i);
  inject(choice);
  for (int i = 0; i < count(); ++i) execute(i, choice);
}

void World::run(Duration time) {
  for (const TimePoint end = now_ + time; now_ < end;) step();
}

void World::expire_addresses() {
  for (int i = 0; i < count(); ++i) {
    for (auto address = at(i).addresses.begin(); address != at(i).addresses.end();) {
      if (at(i).frozen) address->second += config_.step;  // its clock stands still, too
      if (address->second > now_) {
        ++address;
        continue;
      }
      post(i, AddressSeen{address->first, false, Duration{0}});
      address = at(i).addresses.erase(address);
    }
  }
}

// A socket holds only so much for a process that does not read: what is new is dropped.
void World::post(int index, ElectionEvent event) {
  WorldNode& node = at(index);
  if (!node.election || !node.machine) return;
  const bool datagram = std::holds_alternative<HeartbeatReceived>(event) ||
                        std::holds_alternative<AnnouncementSeen>(event);
  if (datagram && node.inbox.size() >= config_.socket_holds) return;
  node.inbox.push_back(std::move(event));
}

void World::deliver() {
  auto later = messages_.begin();
  for (WorldMessage& message : messages_) {
    if (message.due > now_) {
      if (&*later != &message) *later = std::move(message);
      ++later;
    } else if (at(message.to).machine && !at(message.to).frozen) {
      post(message.to, HeartbeatReceived{std::move(message.heartbeat)});
    }
  }
  messages_.erase(later, messages_.end());
}

void World::give(int index, const ElectionEvent& event) {
  if (config_.hides_event != nullptr && config_.hides_event(event)) return;
  for (ElectionAction& action : at(index).election->handle(event, now_)) {
    const bool keep = config_.changes_action == nullptr || config_.changes_action(action);
    if (keep) at(index).decided.push_back(std::move(action));
  }
}

void World::look(int index) {
  if (!runs(index)) return;
  WorldNode& node = at(index);
  tell_fitness(index);
  for (std::deque<ElectionEvent> inbox = std::exchange(node.inbox, {}); !inbox.empty();) {
    give(index, inbox.front());
    inbox.pop_front();
  }
  do {
    give(index, Tick{});
  } while (node.election->next_deadline() <= now_);
}

void World::tell_fitness(int index) {
  WorldNode& node = at(index);
  bool alone = true;
  for (int other = 0; other < count(); ++other) alone = alone && !reach(index, other);
  Fitness fitness = Fitness::kFit;
  if (!node.ipvs) fitness = Fitness::kIpvsNotReady;
  if (node.isolated && alone) fitness = Fitness::kSegmentSilent;
  if (!node.link) fitness = Fitness::kLinkDown;
  if (fitness == node.told_fitness) return;
  node.told_fitness = fitness;
  learn_hardware(index);
  for (const IpAddress& vip : vips_) give(index, FitnessChanged{vip, fitness});
}

void World::execute(int index, const FaultChoice& choice) {
  if (!runs(index)) return;
  const ElectionActions decided = std::exchange(at(index).decided, {});
  const auto holds = [](const auto& action) { return std::holds_alternative<HoldAddress>(action); };
  if (std::any_of(decided.begin(), decided.end(), holds)) ++hold_batches;
  for (const ElectionAction& action : decided) {
    std::visit([&](const auto& a) { perform(index, a, choice); }, action);
  }
  keep_network(index);
  WorldNode& node = at(index);
  if (node.leaving && node.election->may_stop()) node.election.reset();
}

// The agent's network keeper: what the role does not allow is taken off.
void World::keep_network(int index) {
  WorldNode& node = at(index);
  std::erase_if(node.addresses, [&](const auto& address) {
    return node.election->role(address.first).role == Role::kStandby;
  });
}

void World::perform(int index, const SendHeartbeat& action, const FaultChoice& choice) {
  const bool hit = choice.a == index;
  if (hit && choice.fault == Fault::kLose) return;
  const TimePoint soon = now_ + config_.step;
  const TimePoint late = now_ + config_.step * kLateSteps;
  for (int to = 0; to < count(); ++to) {
    if (!reach(index, to)) continue;
    if (muted_[static_cast<std::size_t>(index)][static_cast<std::size_t>(to)]) continue;
    const bool delayed = hit && choice.fault == Fault::kDelay;
    messages_.push_back({index, to, delayed ? late : soon, action.heartbeat});
    if (hit && choice.fault == Fault::kDuplicate) {
      messages_.push_back({index, to, late, action.heartbeat});
    }
  }
}

void World::perform(int index, const AskWire& action, const FaultChoice& choice) {
  ++asks;
  if (choice.a == index && choice.fault == Fault::kLoseAsks) return;
  if (!at(index).link) return post(index, WireAskFailed{action.vip});
  for (int other = 0; other < count(); ++other) {
    if (!reach(index, other) || !node(other).addresses.contains(action.vip)) continue;
    post(index, WireAnswered{action.vip, hardware(other)});
  }
}

void World::perform(int index, const Announce& action, const FaultChoice& choice) {
  ++announcements;
  if (choice.a == index && choice.fault == Fault::kLoseAsks) return;
  for (int other = 0; other < count(); ++other) {
    if (reach(index, other)) post(other, AnnouncementSeen{action.vip, hardware(index)});
  }
}

void World::perform(int index, const HoldAddress& action, const FaultChoice& /*choice*/) {
  if (now_ > action.not_after) return post(index, HoldFailed{action.vip});
  const auto [address, added] =
      at(index).addresses.insert_or_assign(action.vip, now_ + action.lifetime);
  if (added && view(index, action.vip)->news != ElectionNews::kRestored)
    acquired_terms.push_back(node(index).election->role(action.vip).term);
  post(index, AddressSeen{action.vip, true, action.lifetime});
}

void World::perform(int index, const ReleaseAddress& action, const FaultChoice& /*choice*/) {
  at(index).addresses.erase(action.vip);
}

void World::perform(int /*index*/, const ReportNews& action, const FaultChoice& /*choice*/) {
  news.push_back(action);
}

}  // namespace lvs::test
