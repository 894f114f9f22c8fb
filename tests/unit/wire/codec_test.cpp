#include "wire/codec.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using wire_samples::ip;

// Golden text: an agent of one version must understand an operator of another, so these change only
// together with the version.
TEST(WireCodec, PlanText) {
  EXPECT_EQ(
      encode(wire_samples::small_plan()),
      R"({"version":1,"node":"director-1","term":4,)"
      R"("vips":[{"address":"192.0.2.100","interface":"eth1","preemptAfterMs":30000,)"
      R"("candidates":["director-1","director-2"]},)"
      R"({"address":"2001:db8::100","candidates":["director-1"]}],)"
      R"("directors":[{"node":"director-1","addresses":["192.0.2.10","2001:db8::10"]},)"
      R"({"node":"director-2","addresses":["192.0.2.11"]}],)"
      R"("backends":[{"vip":"192.0.2.200","serverAddress":"192.0.2.10","forwarding":"Tunnel"}],)"
      R"("withdrawn":["shop/old"],)"
      R"("services":[{"address":"192.0.2.100","protocol":"TCP","port":80,"virtualService":"shop/web",)"
      R"("scheduler":"wrr","flags":1,"persistenceSeconds":60,"persistencePrefix":32,"drainTimeoutMs":60000,)"
      R"("destinations":[["192.0.2.21",80,3],["192.0.2.22",80,2,"hold"],)"
      R"(["192.0.2.23",80,1,"keep","Tunnel",100,10]]},)"
      R"({"firewallMark":7,"family":"IPv6","virtualService":"shop/ftp","scheduler":"mh",)"
      R"("drainTimeoutMs":0,"destinations":[]}]})");
}

PlanPatch one_weight() {
  PlanPatch patch;
  patch.from = {0x0123456789abcdef, 1};
  patch.to = {2, 3};
  patch.term = 4;
  patch.edits = {
      PutDestination{{ip("192.0.2.100"), Protocol::kTcp, 80, 0},
                     {{ip("192.0.2.21"), 80}, {ForwardingMethod::kDirectRouting, 5, 0, 0}}}};
  return patch;
}

TEST(WireCodec, PatchText) {
  EXPECT_EQ(
      encode(one_weight()),
      R"({"version":1,"from":"0123456789abcdef0000000000000001",)"
      R"("to":"00000000000000020000000000000003","term":4,)"
      R"("edits":[{"edit":"putDestination","address":"192.0.2.100","protocol":"TCP","port":80,)"
      R"("serverAddress":"192.0.2.21","serverPort":80,"weight":5}]})");
}

TEST(WireCodec, OneWeightIsSmall) { EXPECT_LT(encode(one_weight()).size(), 500U); }

TEST(WireCodec, StatusText) {
  NodeStatus status;
  status.node = "n";
  EXPECT_EQ(
      encode(status),
      R"({"version":1,"node":"n","storedPlan":"00000000000000000000000000000000",)"
      R"("appliedPlan":"00000000000000000000000000000000","hasPlan":false,"planTerm":0,)"
      R"("vips":[],"backends":[],"lingering":[],"draining":[],"offLink":[],"unhealthy":[],"problems":[]})");
}

TEST(WireCodec, PlansComeBackAsTheyWere) {
  std::mt19937 random(20261121);
  for (int i = 0; i < 300; ++i) {
    const auto plan = wire_samples::random_plan(random);
    const auto text = encode(plan);
    const auto back = decode_plan(text);
    ASSERT_TRUE(back) << back.error().message << "\n" << text;
    EXPECT_TRUE(*back == plan) << text;
    EXPECT_EQ(encode(*back), text);
    EXPECT_EQ(hash_of(*back), hash_of(plan));
  }
}

TEST(WireCodec, PatchesComeBackAsTheyWere) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    const auto patch = wire_samples::random_patch(random);
    const auto back = decode_patch(encode(patch));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, patch);
  }
}

TEST(WireCodec, StatusComesBackAsItWas) {
  const auto back = decode_status(encode(wire_samples::full_status()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, wire_samples::full_status());
}

TEST(WireCodec, StateComesBackAsItWas) {
  const auto text = encode(wire_samples::full_state());
  const auto back = decode_state(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(encode(*back), text);
  EXPECT_EQ(back->services[0].destinations[0].connections, (ConnectionCounts{1, 2, 3}));
  EXPECT_EQ(back->arp, wire_samples::full_state().arp);
}

TEST(WireCodec, BytesThatAreNotUtf8DoNotBreakAReport) {
  auto status = wire_samples::full_status();
  status.problems[0].message = "kernel said \xff\xfe";
  const auto back = decode_status(encode(status));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->problems[0].message, "kernel said \xef\xbf\xbd\xef\xbf\xbd");
}

TEST(WireCodec, AHundredThousandDestinationsFit) {
  NodePlan plan;
  plan.node = "n";
  for (std::uint16_t s = 1; s <= 1000; ++s) {
    PlannedService service{{{"bench", "s"}, {"wrr", 0, 0, 32}, Duration(60'000)}, {}};
    for (std::uint8_t d = 1; d <= 100; ++d) {
      const IpAddress address(
          Family::kV4, {10, static_cast<std::uint8_t>(s >> 8U), static_cast<std::uint8_t>(s), d});
      service.destinations.push_back({{address, s}, {ForwardingMethod::kDirectRouting, 10, 0, 0}});
    }
    plan.services[{ip("192.0.2.1"), Protocol::kTcp, s, 0}] =
        std::make_shared<const PlannedService>(std::move(service));
  }
  const auto text = encode(plan);
  EXPECT_LT(text.size(), std::size_t{4} << 20U);
  EXPECT_TRUE(decode_plan(text).value() == plan);
}

}  // namespace
}  // namespace lvs
