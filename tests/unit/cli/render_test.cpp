#include "cli/render.h"

#include <gtest/gtest.h>

#include "cli/planning.h"
#include "samples.h"

namespace lvs::cli {
namespace {

constexpr const char* kS1Table =
    "-A -t 192.168.100.100:80 -s wrr -p 60\n"
    "-a -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3\n"
    "-a -t 192.168.100.100:80 -r 192.168.100.22:80 -g -w 2\n"
    "-a -t 192.168.100.100:80 -r 192.168.100.23:80 -g -w 1\n";

using Lines = std::vector<std::string>;

const RenderedNode* find(const std::vector<RenderedNode>& nodes, const std::string& name) {
  for (const auto& node : nodes) {
    if (node.node == name) return &node;
  }
  return nullptr;
}

TEST(Render, BothDirectorsOfS1HaveTheWholeTableWithFullWeights) {
  const auto nodes = render_plans(plan_as_prepared(test::s1_snapshot()));
  for (const auto* name : {"director-1", "director-2"}) {
    const auto* node = find(nodes, name);
    ASSERT_NE(node, nullptr) << name;
    EXPECT_EQ(node->table, kS1Table);
  }
}

TEST(Render, TheFirstCandidatePutsTheVipOnItsUplinkAndTheOtherWaits) {
  const auto nodes = render_plans(plan_as_prepared(test::s1_snapshot()));
  EXPECT_EQ(find(nodes, "director-1")->operations,
            (Lines{"ip addr add 192.168.100.100/32 dev UPLINK noprefixroute"}));
  EXPECT_EQ(find(nodes, "director-2")->operations, Lines{});
}

TEST(Render, ARealServerIsSilencedBeforeItGetsTheVip) {
  const auto nodes = render_plans(plan_as_prepared(test::s1_snapshot()));
  const auto* node = find(nodes, "real-server-1");
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->table, "");
  EXPECT_EQ(
      node->operations,
      (Lines{"sysctl -w net.ipv4.conf.UPLINK.arp_ignore=1 net.ipv4.conf.UPLINK.arp_announce=2",
             "ip addr add 192.168.100.100/32 dev lo scope host noprefixroute"}));
}

TEST(Render, NothingWithoutNodes) {
  const auto snapshot = to_snapshot(parse_files({test::s1_files()[0]}).resources);
  EXPECT_TRUE(render_plans(plan_as_prepared(snapshot)).empty());
}

}  // namespace
}  // namespace lvs::cli
