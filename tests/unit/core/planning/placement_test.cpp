#include "core/placement.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cluster.h"

namespace lvs {
namespace {

using ::testing::ElementsAre;
using testing::ip;

std::vector<std::shared_ptr<const Node>> directors(int count) {
  std::vector<std::shared_ptr<const Node>> nodes;
  for (int i = 0; i < count; ++i) {
    Node node = testing::node("director-" + std::to_string(i), "10.0.0.1", true);
    node.meta.labels["rack"] = i % 2 == 0 ? "a" : "b";
    nodes.push_back(std::make_shared<const Node>(std::move(node)));
  }
  return nodes;
}

TEST(Placement, KeepsTheOrderThatReleasesAgreeOn) {
  EXPECT_THAT(place_vip(ip("192.0.2.1"), {}, directors(4)),
              ElementsAre("director-0", "director-1", "director-2", "director-3"));
  EXPECT_THAT(place_vip(ip("192.0.2.3"), {}, directors(4)),
              ElementsAre("director-2", "director-1", "director-3", "director-0"));
  EXPECT_THAT(place_vip(ip("2001:db8::1"), {}, directors(4)),
              ElementsAre("director-3", "director-2", "director-1", "director-0"));
}

TEST(Placement, PutsThePreferredFirst) {
  DirectorsSpec spec;
  spec.preferred = {"director-3", "absent", "director-1"};
  const auto order = place_vip(ip("192.0.2.1"), spec, directors(4));
  ASSERT_EQ(order.size(), 4U);
  EXPECT_EQ(order[0], "director-3");
  EXPECT_EQ(order[1], "director-1");
}

TEST(Placement, LeavesOutWhatTheSelectorDoesNotMatch) {
  DirectorsSpec spec;
  spec.node_selector.match_labels = {{"rack", "b"}};
  spec.preferred = {"director-0"};
  const auto order = place_vip(ip("192.0.2.1"), spec, directors(4));
  EXPECT_THAT(order, ::testing::UnorderedElementsAre("director-1", "director-3"));
}

TEST(Placement, SpreadsVipsOverDirectors) {
  std::map<std::string, int> first;
  for (int i = 0; i < 1000; ++i) {
    const auto vip = ip("10." + std::to_string(i / 250) + ".0." + std::to_string(i % 250));
    ++first[place_vip(vip, {}, directors(4)).front()];
  }
  for (const auto& [name, count] : first) EXPECT_NEAR(count, 250, 60) << name;
}

TEST(Placement, ADirectorThatGoesMovesOnlyItsOwnVips) {
  auto nodes = directors(4);
  const auto fewer = std::vector(nodes.begin(), nodes.end() - 1);
  for (int i = 0; i < 200; ++i) {
    const auto vip = ip("10.0.0." + std::to_string(i));
    const auto before = place_vip(vip, {}, nodes);
    if (before.front() == "director-3") continue;
    EXPECT_EQ(place_vip(vip, {}, fewer).front(), before.front());
  }
}

}  // namespace
}  // namespace lvs
