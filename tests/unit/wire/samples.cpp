#include "samples.h"

#include <algorithm>

namespace lvs::wire_samples {
namespace {

std::uint32_t below(std::mt19937& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

IpAddress random_ip(std::mt19937& random) {
  IpAddress::Bytes bytes{};
  const auto family = below(random, 3) == 0 ? Family::kV6 : Family::kV4;
  const std::size_t size = family == Family::kV4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(random());
  if (family == Family::kV6) bytes[0] = 0x20;
  return {family, bytes};
}

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kTexts{"web", "a-b.c", "q\"uote\\", "tab\there", "é€", "x"};
  return kTexts[below(random, static_cast<std::uint32_t>(kTexts.size()))];
}

ServiceKey random_key(std::mt19937& random) {
  if (below(random, 5) == 0) {
    const auto family = below(random, 2) == 0 ? Family::kV4 : Family::kV6;
    return {IpAddress(family, {}), Protocol::kTcp, 0, 1 + below(random, 100)};
  }
  constexpr std::array kProtocols{Protocol::kTcp, Protocol::kUdp, Protocol::kSctp};
  return {random_ip(random), kProtocols[below(random, 3)],
          static_cast<std::uint16_t>(below(random, 65536)), 0};
}

constexpr std::array kMethods{ForwardingMethod::kDirectRouting, ForwardingMethod::kTunnel,
                              ForwardingMethod::kMasquerade};

PlannedDestination random_destination(std::mt19937& random) {
  constexpr std::array kAdmissions{Admission::kAdmit, Admission::kHold,    Admission::kKeep,
                                   Admission::kDrain, Admission::kForceUp, Admission::kForceDown};
  PlannedDestination destination;
  destination.key = {random_ip(random), static_cast<std::uint16_t>(below(random, 65536))};
  destination.config = {kMethods[below(random, 3)], below(random, 65536),
                        below(random, 2) * below(random, 1000), below(random, 2) * 7};
  destination.admission = kAdmissions[below(random, kAdmissions.size())];
  return destination;
}

std::optional<PlannedHealth> random_health(std::mt19937& random) {
  if (below(random, 3) != 0) return std::nullopt;
  PlannedHealth health;
  health.check.interval = Duration(1 + below(random, 9000));
  if (below(random, 2) == 0) {
    const std::array<CheckKind, 5> kinds{TcpCheck{}, SmtpCheck{random_text(random)},
                                         DnsCheck{"a.", "A", "NXDOMAIN", random_ip(random)},
                                         UdpCheck{"00ff", ""}, IcmpCheck{}};
    health.check.kind = kinds[below(random, kinds.size())];
    return health;
  }
  HttpCheck http{random_text(random),
                 {{200, 299}, {404, 404}},
                 "HEAD",
                 random_text(random),
                 {{"X-Probe", random_text(random)}},
                 "1.0",
                 random_text(random),
                 std::nullopt};
  if (below(random, 2) == 0) http.tls = {random_text(random), "ca", false, "", "key", "1.3"};
  health.check.kind = std::move(http);
  if (below(random, 2) == 0) health.check.target = CheckTarget::kInPath;
  health.check.fast_interval = Duration(1 + below(random, 9000));
  health.check.port = static_cast<std::uint16_t>(1 + below(random, 65535));
  health.fail_open_percent = static_cast<int>(below(random, 101));
  if (below(random, 2) == 0) health.on_failure = OnFailure::kRemove;
  return health;
}

std::optional<PlannedSorryServer> random_sorry(std::mt19937& random) {
  if (below(random, 3) != 0) return std::nullopt;
  return PlannedSorryServer{{random_ip(random), static_cast<std::uint16_t>(below(random, 65536))},
                            kMethods[below(random, 3)]};
}

PlannedServiceHeader random_header(std::mt19937& random) {
  return {{"ns", "name-" + std::to_string(below(random, 9))},
          {below(random, 4) == 0 ? "" : "wrr", below(random, 64), below(random, 300),
           static_cast<int>(below(random, 33))},
          Duration(below(random, 100000)),
          below(random, 5) == 0,
          random_health(random),
          random_sorry(random)};
}

}  // namespace

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

NodePlan small_plan() {
  NodePlan plan;
  plan.node = "director-1";
  plan.term = 4;
  plan.vips[ip("192.0.2.100")] = {"eth1", {"director-1", "director-2"}, Duration{30'000}};
  plan.vips[ip("2001:db8::100")] = {"", {"director-1"}, {}};
  plan.directors["director-1"] = {{ip("192.0.2.10"), ip("2001:db8::10")}};
  plan.directors["director-2"] = {{ip("192.0.2.11")}};
  plan.backends[ip("192.0.2.200")] = {ip("192.0.2.10"), ForwardingMethod::kTunnel};
  plan.withdrawn.insert({"shop", "old"});
  PlannedService service;
  service.header = {{"shop", "web"}, {"wrr", kFlagPersistent, 60, 32}, Duration(60'000)};
  service.destinations = {
      {{ip("192.0.2.21"), 80}, {ForwardingMethod::kDirectRouting, 3, 0, 0}, Admission::kAdmit},
      {{ip("192.0.2.22"), 80}, {ForwardingMethod::kDirectRouting, 2, 0, 0}, Admission::kHold},
      {{ip("192.0.2.23"), 80}, {ForwardingMethod::kTunnel, 1, 100, 10}, Admission::kKeep}};
  plan.services[{ip("192.0.2.100"), Protocol::kTcp, 80, 0}] =
      std::make_shared<const PlannedService>(service);
  plan.services[{IpAddress(Family::kV6, {}), Protocol::kTcp, 0, 7}] =
      std::make_shared<const PlannedService>(
          PlannedService{{{"shop", "ftp"}, {"mh", 0, 0, 0}, Duration(0)}, {}});
  return plan;
}

NodePlan random_plan(std::mt19937& random) {
  NodePlan plan;
  plan.node = "node-" + std::to_string(below(random, 5));
  plan.term = random();
  plan.accept_mass_deletion = below(random, 2) == 0;
  for (auto n = below(random, 4); n > 0; --n) {
    plan.vips[random_ip(random)] = {random_text(random), {random_text(random), "second"}, {}};
  }
  for (auto n = below(random, 3); n > 0; --n) {
    plan.directors[random_text(random) + "x"] = {{random_ip(random), random_ip(random)}};
  }
  for (auto n = below(random, 4); n > 0; --n) {
    plan.backends[random_ip(random)] = {random_ip(random), ForwardingMethod::kMasquerade};
  }
  for (auto n = below(random, 3); n > 0; --n) {
    plan.withdrawn.insert({"ns", std::to_string(below(random, 9))});
  }
  for (auto n = below(random, 6); n > 0; --n) {
    PlannedService service{random_header(random), {}};
    std::map<DestinationKey, PlannedDestination> unique;
    for (auto m = below(random, 20); m > 0; --m) {
      const auto destination = random_destination(random);
      unique[destination.key] = destination;
    }
    for (const auto& [key, destination] : unique) service.destinations.push_back(destination);
    plan.services[random_key(random)] = std::make_shared<const PlannedService>(std::move(service));
  }
  return plan;
}

PlanPatch random_patch(std::mt19937& random) {
  PlanPatch patch;
  patch.from = {random(), random()};
  patch.to = {random(), random()};
  patch.term = random();
  patch.edits = {PutVip{random_ip(random),
                        {random_text(random), {"a", "b"}, Duration{5'000}, PlannedMove{7, "b"}}},
                 PutDirector{"director-1", {{random_ip(random)}, true}},
                 RemoveDirector{"director-1"},
                 RemoveVip{random_ip(random)},
                 PutService{random_key(random), random_header(random)},
                 RemoveService{random_key(random)},
                 PutDestination{random_key(random), random_destination(random)},
                 RemoveDestination{random_key(random), random_destination(random).key},
                 PutBackend{random_ip(random), {random_ip(random), ForwardingMethod::kTunnel}},
                 RemoveBackend{random_ip(random)},
                 PutWithdrawn{{"shop", "web"}},
                 RemoveWithdrawn{{"shop", "web"}}};
  std::shuffle(patch.edits.begin(), patch.edits.end(), random);
  return patch;
}

NodeStatus full_status() {
  NodeStatus status;
  status.node = "director-1";
  status.agent_version = "0.1.0";
  status.instance = "4f1c";
  status.stored_plan = {1, 2};
  status.applied_plan = {3, 4};
  status.has_plan = true;
  status.plan_term = 9;
  status.drained = true;
  status.vips = {
      {ip("192.0.2.100"),
       "eth1",
       true,
       true,
       4,
       "",
       "",
       {1'700'000'000, "HeartbeatLost", "director-2", "director-3", "NoSuccessor", "start one"}},
      {ip("2001:db8::1"), "", false, false, 0, "NoInterface", "add an address"}};
  status.backends = {{ip("192.0.2.200"), true, "", "", ip("192.0.2.21"), ForwardingMethod::kTunnel},
                     {ip("192.0.2.201"), false, "WrongArpSetting", "all is 0\nsee \"sysctl\""}};
  status.draining = {
      {{ip("192.0.2.100"), Protocol::kTcp, 80, 0}, {ip("192.0.2.22"), 80}, {7, 2, 0}}};
  status.lingering = {
      {{ip("192.0.2.100"), Protocol::kTcp, 80, 0}, {ip("192.0.2.21"), 80}, {1, 2, 3}}};
  status.problems = {{"TCP 192.0.2.1:80", "SchedulerUnavailable", "load ip_vs_mh"}};
  return status;
}

NodeState full_state() {
  NodeState state;
  state.status = full_status();
  ObservedDestination destination;
  destination.key = {ip("192.0.2.21"), 80};
  destination.config = {ForwardingMethod::kTunnel, 3, 10, 5};
  destination.connections = {1, 2, 3};
  destination.traffic = {4, 5, 6, 7, 8};
  ObservedService service;
  service.key = {ip("192.0.2.100"), Protocol::kUdp, 53, 0};
  service.config = {"rr", kFlagHashed, 0, 32};
  service.owned = true;
  service.traffic = {~std::uint64_t{0}, 1, 2, 3, 4};
  service.destinations = {destination};
  state.services = {service};
  state.addresses = {{ip("192.0.2.100"), 32, "eth1", true, 10, true}};
  state.arp = {{"eth1", 1, 2, 0, 0}};
  state.pending = {"-e -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 2"};
  state.peers = {{"director-2", true, true, false, Duration{3}, Duration{20}, 100, 2, 1},
                 {"director-3", false, false, false, Duration{0}, std::nullopt, 0, 0, 0}};
  state.heartbeats = {300, 100, {{"bad_mac", 7}}};
  return state;
}

}  // namespace lvs::wire_samples
