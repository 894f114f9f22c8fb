// What can go wrong, what people can ask for, and the API server.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/unit/core/election/world.h"

namespace lvs::test {
namespace {

std::size_t index_of(int i) { return static_cast<std::size_t>(i); }

}  // namespace

void World::inject(const FaultChoice& choice) {
  WorldNode& node = at(choice.a);
  switch (choice.fault) {
    case Fault::kCrash:
      node.machine = false;
      node.election.reset();
      node.addresses.clear();
      node.frozen = false;
      break;
    case Fault::kBoot:
      node.machine = true;
      start_agent(choice.a);
      break;
    case Fault::kKillAgent:
      node.election.reset();
      break;
    case Fault::kStartAgent:
      start_agent(choice.a);
      break;
    case Fault::kPauseAgent:
      node.paused = true;
      break;
    case Fault::kResumeAgent:
      node.paused = false;
      break;
    case Fault::kFreeze:
      node.frozen = true;
      break;
    case Fault::kThaw:
      node.frozen = false;
      break;
    case Fault::kApiDead:
      node.api = WorldNode::Api::kDead;
      break;
    case Fault::kApiSlow:
      node.api = WorldNode::Api::kSlow;
      break;
    case Fault::kApiBack:
      node.api = WorldNode::Api::kFast;
      break;
    default:
      inject_network(choice);
  }
}

void World::inject_network(const FaultChoice& choice) {
  WorldNode& node = at(choice.a);
  const std::size_t a = index_of(choice.a);
  const std::size_t b = index_of(choice.b);
  switch (choice.fault) {
    case Fault::kLinkDown:
      node.link = false;
      break;
    case Fault::kLinkUp:
      node.link = true;
      break;
    case Fault::kIsolate:
      node.isolated = true;
      break;
    case Fault::kRejoin:
      node.isolated = false;
      break;
    case Fault::kMuteHeartbeats:
      muted_[a][b] = true;
      break;
    case Fault::kUnmuteHeartbeats:
      muted_[a][b] = false;
      break;
    case Fault::kSplit:
      split_[a][b] = split_[b][a] = true;
      break;
    case Fault::kUnsplit:
      split_[a][b] = split_[b][a] = false;
      break;
    case Fault::kUnfit:
      node.ipvs = false;
      break;
    case Fault::kFit:
      node.ipvs = true;
      break;
    case Fault::kRemoveAddress:
      for (const IpAddress& vip : vips_) {
        if (node.addresses.erase(vip) != 0) post(choice.a, AddressSeen{vip, false, Duration{0}});
      }
      break;
    default:
      inject_command(choice);
  }
}

void World::split_off(int index, bool apart) {
  const std::size_t a = index_of(index);
  split_[a][a] = apart;
  for (std::size_t b = 0; b < split_.size(); ++b) {
    if (b != a) split_[a][b] = split_[b][a] = apart || split_[b][b];
  }
}

void World::inject_command(const FaultChoice& choice) {
  switch (choice.fault) {
    case Fault::kDrain:
      at(choice.a).drained = true;
      post(choice.a, DrainNode{});
      break;
    case Fault::kUndrain:
      at(choice.a).drained = false;
      post(choice.a, UndrainNode{});
      break;
    case Fault::kLeave:
      at(choice.a).leaving = true;
      give(choice.a, LeaveElection{});
      break;
    case Fault::kMove:
      for (const IpAddress& vip : vips_) {
        for (int i = 0; i < count(); ++i) post(i, MoveVip{vip, name(choice.b)});
      }
      break;
    default:
      break;  // what happens to messages is seen when they are sent
  }
}

bool World::is_possible(const FaultChoice& choice) const {
  const WorldNode& node = this->node(choice.a);
  const std::size_t a = index_of(choice.a);
  const std::size_t b = index_of(choice.b);
  const bool agent = node.machine && node.election.has_value();
  switch (choice.fault) {
    case Fault::kCrash:
      return node.machine;
    case Fault::kBoot:
      return !node.machine;
    case Fault::kKillAgent:
    case Fault::kLeave:
      return agent && !node.leaving;
    case Fault::kStartAgent:
      return node.machine && !node.frozen && !agent;
    case Fault::kPauseAgent:
      return agent && !node.paused;
    case Fault::kResumeAgent:
      return agent && node.paused;
    case Fault::kFreeze:
      return node.machine && !node.frozen;
    case Fault::kThaw:
      return node.frozen;
    case Fault::kLinkDown:
      return node.machine && node.link;
    case Fault::kLinkUp:
      return !node.link;
    case Fault::kIsolate:
      return node.machine && !node.isolated;
    case Fault::kRejoin:
      return node.isolated;
    case Fault::kMuteHeartbeats:
      return !muted_[a][b];
    case Fault::kUnmuteHeartbeats:
      return muted_[a][b];
    case Fault::kSplit:
      return choice.a < choice.b && !split_[a][b];
    case Fault::kUnsplit:
      return choice.a < choice.b && split_[a][b];
    case Fault::kApiDead:
    case Fault::kApiSlow:
      return node.api == WorldNode::Api::kFast;
    case Fault::kApiBack:
      return node.api != WorldNode::Api::kFast;
    case Fault::kUnfit:
      return node.ipvs;
    case Fault::kFit:
      return !node.ipvs;
    case Fault::kRemoveAddress:
      return agent && !node.addresses.empty();
    case Fault::kDrain:
      return agent && !node.drained;
    case Fault::kUndrain:
      return agent && node.drained;
    default:
      return runs(choice.a);
  }
}

void World::call_api(int index, const IpAddress& vip, std::optional<ClaimLease> claim) {
  const WorldNode& node = at(index);
  if (node.api == WorldNode::Api::kDead) return;
  const int steps = node.api == WorldNode::Api::kFast ? 1 : 6;
  ApiCall call;
  call.node = index;
  call.boot = node.boot;
  call.arrives = now_ + config_.step * std::max(steps - 1, 1);
  call.answered = now_ + config_.step * steps;
  call.vip = vip;
  call.claim = std::move(claim);
  calls_.push_back(std::move(call));
}

void World::serve_api() {
  for (ApiCall& call : calls_) {
    if (!call.served && call.arrives <= now_) serve(call);
    if (call.answered > now_ || at(call.node).boot != call.boot) continue;
    for (auto* answer : {&call.first, &call.second}) {
      if (*answer && at(call.node).api != WorldNode::Api::kDead) post(call.node, **answer);
    }
  }
  std::erase_if(calls_, [&](const ApiCall& call) { return call.answered <= now_; });
}

void World::serve(ApiCall& call) {
  call.served = true;
  WorldLease& lease = leases_[call.vip];
  const auto view = [&] {
    return LeaseView{lease.version == 0 ? "" : std::to_string(lease.version), lease.holder,
                     lease.term};
  };
  if (!call.claim) {
    call.first = LeaseSeen{call.vip, view()};
  } else if (call.claim->version != view().version) {
    call.first = LeaseRefused{call.vip};
    call.second = LeaseSeen{call.vip, view()};
  } else {
    ++api_writes;
    lease = {name(call.node), call.claim->term, lease.version + 1};
    call.first = LeaseGranted{call.vip, view()};
  }
}

void World::perform(int index, const ReadLease& action, const FaultChoice& /*choice*/) {
  call_api(index, action.vip, {});
}

void World::perform(int index, const ClaimLease& action, const FaultChoice& /*choice*/) {
  call_api(index, action.vip, action);
}

void World::perform(int index, const RenewDirectorLease& /*action*/,
                    const FaultChoice& /*choice*/) {
  if (at(index).api != WorldNode::Api::kDead) ++api_writes;
}

std::string to_string(const FaultChoice& choice) {
  static const std::array kNames{
      "-",      "crash",     "boot",          "kill-agent", "start-agent", "pause",    "resume",
      "freeze", "thaw",      "link-down",     "link-up",    "isolate",     "rejoin",   "mute",
      "unmute", "split",     "unsplit",       "api-dead",   "api-slow",    "api-back", "lose",
      "delay",  "duplicate", "lose-asks",     "unfit",      "fit",         "drain",    "undrain",
      "leave",  "move",      "remove-address"};
  std::string text = kNames[static_cast<std::size_t>(choice.fault)];
  if (choice.fault == Fault::kNone) return text;
  return text + " " + World::name(choice.a) + " " + World::name(choice.b);
}

std::string World::describe() const {
  std::string text;
  for (int i = 0; i < count(); ++i) {
    const WorldNode& n = node(i);
    text += "  " + name(i) + (n.machine ? "" : " dead") + (n.frozen ? " frozen" : "") +
            (n.paused ? " paused" : "") + (n.link ? "" : " no-link") +
            (n.isolated ? " isolated" : "") + (n.ipvs ? "" : " unfit");
    for (const VipView& v : n.election ? n.election->vips(now_) : std::vector<VipView>{}) {
      text += " " + lvs::to_string(v.phase) + "/" + std::to_string(v.term) + " holder=" + v.holder;
    }
    if (!n.election) text += " no-agent";
    if (!n.addresses.empty()) text += " HAS-ADDRESS";
    text += "\n";
  }
  for (const auto& [vip, lease] : leases_) {
    text += "  lease " + lease.holder + "/" + std::to_string(lease.term) + "\n";
  }
  return text;
}

}  // namespace lvs::test
