// Every field of a plan is in its hash, in the edits that lead to it, and in what those edits make.
// A field that none of the three knows would be lost without a sign: the agent would answer that it
// has the plan.
//
// A field that is added to an entry breaks the bindings below: give it a change.
#include <functional>

#include <gtest/gtest.h>

#include "core/plan.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::ip;

NodePlan plan_with_everything() {
  NodePlan plan;
  plan.node = "director-1";
  plan.term = 3;
  plan.vips[ip("192.0.2.1")] = {"eth0", {"director-1", "director-2"}, Duration(1'000)};
  plan.directors["director-1"] = {{ip("192.0.2.10")}};
  const HttpCheck http{
      "/health",    {{200, 299}}, "GET", "a",
      {{"X", "1"}}, "1.1",        "ok",  TlsOptions{"a", "ca", false, "cert", "key", "1.2"}};
  const PlannedHealth health{
      {http, CheckTarget::kRealServer, 8080, Duration(1'000), Duration(900), Duration(100), 2, 3},
      50,
      OnFailure::kQuiesce};
  const PlannedServiceHeader header{
      {"shop", "web"},
      {"wrr", 1, 60, 24},
      Duration(60'000),
      false,
      health,
      PlannedSorryServer{{ip("192.0.2.99"), 80}, ForwardingMethod::kDirectRouting}};
  const PlannedDestination destination{
      {ip("192.0.2.7"), 80}, {ForwardingMethod::kDirectRouting, 3, 9, 7}, Admission::kAdmit};
  plan.services[{ip("192.0.2.1"), Protocol::kTcp, 80, 0}] =
      std::make_shared<const PlannedService>(PlannedService{header, {destination}});
  plan.backends[ip("192.0.2.9")] = {ip("192.0.2.10"), ForwardingMethod::kTunnel};
  plan.withdrawn.insert({"shop", "old"});
  return plan;
}

// Each: changes the field of that number. False: there is none.

bool change(PlannedVip& vip, int field) {
  auto& [interface, candidates, preempt_after, move] = vip;
  if (field == 0) interface = "eth1";
  if (field == 1) std::swap(candidates[0], candidates[1]);
  if (field == 2) preempt_after = Duration(2'000);
  if (field == 3) move = PlannedMove{4, ""};
  if (field == 4) move = PlannedMove{5, ""};
  if (field == 5) move = PlannedMove{4, "director-2"};
  return field <= 5;
}

bool change(PlannedDirector& director, int field) {
  auto& [addresses, drained] = director;
  if (field == 0) addresses.push_back(ip("2001:db8::10"));
  if (field == 1) drained = true;
  return field <= 1;
}

bool change(ServiceConfig& config, int field) {
  auto& [scheduler, flags, persistence_seconds, persistence_prefix] = config;
  if (field == 0) scheduler = "mh";
  if (field == 1) flags = 2;
  if (field == 2) persistence_seconds = 61;
  if (field == 3) persistence_prefix = 25;
  return field <= 3;
}

// Changes the field of that number of a check's kind; `left` is what remains to be counted.
struct ChangeField {
  int& left;

  void operator()(std::string_view, std::string& text) const {
    if (left-- == 0) text += "x";
  }
  void operator()(std::string_view, bool& flag) const {
    if (left-- == 0) flag = !flag;
  }
  void operator()(std::string_view, std::vector<StatusRange>& ranges) const {
    if (left-- == 0) ranges[0].first = 201;
    if (left-- == 0) ranges[0].last = 298;
    if (left-- == 0) ranges.clear();
  }
  void operator()(std::string_view, std::vector<HttpHeader>& headers) const {
    if (left-- == 0) headers[0].name = "Y";
    if (left-- == 0) headers[0].value = "";
    if (left-- == 0) headers.push_back({"Z", "2"});
  }
  void operator()(std::string_view, std::optional<IpAddress>& address) const {
    if (left-- == 0) address = ip("192.0.2.99");
    if (left-- == 0) address.reset();
  }
  void operator()(std::string_view, std::optional<TlsOptions>& tls) const {
    if (left-- == 0) {
      tls.reset();
    } else {
      for_each_field(*tls, *this);
    }
  }
};

bool change(PlannedHealth& planned, int field) {
  auto& [check, fail_open_percent, on_failure] = planned;
  auto& [kind, target, port, interval, timeout, fast_interval, rise, fall] = check;
  if (field == 0) kind = TcpCheck{};
  if (field == 1) port = 8081;
  if (field == 2) port.reset();
  if (field == 3) interval = Duration(500);
  if (field == 4) timeout = Duration(500);
  if (field == 5) rise = 4;
  if (field == 6) fall = 4;
  if (field == 7) fail_open_percent = 51;
  if (field == 8) fast_interval.reset();
  if (field == 9) on_failure = OnFailure::kRemove;
  if (field == 10) target = CheckTarget::kInPath;
  int left = field - 11;
  std::visit([&left](auto& each) { for_each_field(each, ChangeField{left}); }, kind);
  return left < 0;
}

bool change(PlannedSorryServer& sorry, int field) {
  auto& [key, forwarding] = sorry;
  if (field == 0) key.address = ip("192.0.2.98");
  if (field == 1) key.port = 81;
  if (field == 2) forwarding = ForwardingMethod::kTunnel;
  return field <= 2;
}

bool change(PlannedServiceHeader& header, int field) {
  auto& [virtual_service, config, drain_timeout, paused, health, sorry] = header;
  if (field == 0) virtual_service.name = "mail";
  if (field == 1) virtual_service.ns = "bank";
  if (field == 2) drain_timeout = Duration(1);
  if (field == 3) paused = true;
  if (field == 4) health.reset();
  if (field == 5) sorry.reset();
  constexpr int kOfSorry = 3;
  if (field > 5 && field <= 5 + kOfSorry) return change(*sorry, field - 6);
  return field <= 5 || change(config, field - 6 - kOfSorry);
}

bool change(DestinationConfig& config, int field) {
  auto& [forwarding, weight, upper_threshold, lower_threshold] = config;
  if (field == 0) forwarding = ForwardingMethod::kTunnel;
  if (field == 1) weight = 4;
  if (field == 2) upper_threshold = 10;
  if (field == 3) lower_threshold = 8;
  return field <= 3;
}

bool change(PlannedDestination& destination, int field) {
  auto& [key, config, admission] = destination;
  auto& [address, port] = key;
  if (field == 0) address = ip("192.0.2.8");
  if (field == 1) port = 81;
  if (field == 2) admission = Admission::kHold;
  if (field == 3) admission = Admission::kKeep;
  return field <= 3 || change(config, field - 4);
}

bool change(PlannedBackend& backend, int field) {
  auto& [server_address, forwarding] = backend;
  if (field == 0) server_address = ip("192.0.2.11");
  if (field == 1) forwarding = ForwardingMethod::kDirectRouting;
  return field <= 1;
}

bool change_header(NodePlan& plan, int field) {
  auto service = *plan.services.begin()->second;
  const bool changed = change(service.header, field);
  plan.services.begin()->second = std::make_shared<const PlannedService>(std::move(service));
  return changed;
}

bool change_health(NodePlan& plan, int field) {
  auto service = *plan.services.begin()->second;
  const bool changed = change(*service.header.health, field);
  plan.services.begin()->second = std::make_shared<const PlannedService>(std::move(service));
  return changed;
}

bool change_destination(NodePlan& plan, int field) {
  auto service = *plan.services.begin()->second;
  auto& [header, destinations] = service;
  const bool changed = change(destinations.front(), field);
  plan.services.begin()->second = std::make_shared<const PlannedService>(std::move(service));
  return changed;
}

bool change_service_key(NodePlan& plan, int field) {
  auto entry = plan.services.extract(plan.services.begin());
  auto& [address, protocol, port, firewall_mark] = entry.key();
  if (field == 0) address = ip("2001:db8::1");
  if (field == 1) protocol = Protocol::kUdp;
  if (field == 2) port = 81;
  if (field == 3) firewall_mark = 5;
  plan.services.insert(std::move(entry));
  return field <= 3;
}

// What is no entry: keys, and the entries as such.
bool change_plan(NodePlan& plan, int field) {
  auto& [node, term, accept_mass_deletion, vips, directors, services, backends, withdrawn] = plan;
  if (field == 0) vips.clear();
  if (field == 1) directors.clear();
  if (field == 2) services.clear();
  if (field == 3) backends.clear();
  if (field == 4) withdrawn.clear();
  if (field == 5) withdrawn.insert({"shop", "other"});
  if (field == 6) vips[ip("192.0.2.2")] = vips[ip("192.0.2.1")];
  if (field == 7) directors["director-2"] = directors["director-1"];
  if (field == 8) backends[ip("192.0.2.8")] = backends[ip("192.0.2.9")];
  return field <= 8;
}

using ChangeEntry = std::function<bool(NodePlan&, int)>;

void expect_every_field_counts(const char* entry, const ChangeEntry& change_field) {
  const NodePlan before = plan_with_everything();
  NodePlan after = before;
  for (int field = 0; change_field(after, field); ++field, after = before) {
    SCOPED_TRACE(std::string(entry) + ", change " + std::to_string(field));
    EXPECT_FALSE(after == before);
    EXPECT_NE(hash_of(after), hash_of(before));
    HashedPlan patched(before);
    ASSERT_TRUE(patched.apply({hash_of(before), hash_of(after), 3, diff_plans(before, after)}));
    EXPECT_TRUE(patched.plan() == after);
  }
}

TEST(PlanFields, EveryFieldIsInTheHashAndInTheEdits) {
  expect_every_field_counts("plan", change_plan);
  expect_every_field_counts(
      "vip", [](NodePlan& plan, int field) { return change(plan.vips.begin()->second, field); });
  expect_every_field_counts("director", [](NodePlan& plan, int field) {
    return change(plan.directors.begin()->second, field);
  });
  expect_every_field_counts("service key", change_service_key);
  expect_every_field_counts("service header", change_header);
  expect_every_field_counts("health", change_health);
  expect_every_field_counts("destination", change_destination);
  expect_every_field_counts("backend", [](NodePlan& plan, int field) {
    return change(plan.backends.begin()->second, field);
  });
}

// What no edit can say is sent whole; the hash must say that it is needed.
TEST(PlanFields, NameAndPermissionAreInTheHashAndTheTermIsNot) {
  const NodePlan before = plan_with_everything();
  NodePlan after = before;
  after.node = "director-2";
  EXPECT_NE(hash_of(after), hash_of(before));
  after = before;
  after.accept_mass_deletion = true;
  EXPECT_NE(hash_of(after), hash_of(before));
  after = before;
  after.term = 4;
  EXPECT_EQ(hash_of(after), hash_of(before));
}

}  // namespace
}  // namespace lvs
