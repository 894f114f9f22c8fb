#include "operator/dry_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using ::testing::HasSubstr;
using testing::node;
using testing::real_server;
using testing::virtual_service;

Cluster small_cluster() {
  Cluster cluster;
  cluster.put(node("director-1", "192.0.2.10", true));
  cluster.put(node("server-1", "192.0.2.21"));
  cluster.put(virtual_service("web", "192.0.2.100"));
  cluster.put(real_server("rs-1", "web", "server-1", 3));
  return cluster;
}

TEST(DryRun, ShowsEveryNodeAsIfItWerePrepared) {
  const auto run = render_plans(small_cluster().snapshot(), "").value();
  EXPECT_EQ(run.text,
            "# director-1\n"
            "# VIP 192.0.2.100, candidates: director-1\n"
            "-A -t 192.0.2.100:80 -s wrr\n"
            "-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 3\n"
            "# server-1\n"
            "# accepts 192.0.2.100 as real server 192.0.2.21\n");
  EXPECT_TRUE(run.clean);
}

TEST(DryRun, ShowsOneNodeWhereOnlyThatIsServed) {
  const auto run = render_plans(small_cluster().snapshot(), "server-1").value();
  EXPECT_EQ(run.text, "# server-1\n# accepts 192.0.2.100 as real server 192.0.2.21\n");
}

TEST(DryRun, ANodeThatIsNotThereIsAnError) {
  const auto run = render_plans(small_cluster().snapshot(), "server-9");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(run.error().message, HasSubstr("Node server-9; correct --node"));
}

TEST(DryRun, IsCleanUnlessAnObjectIsRefused) {
  auto cluster = small_cluster();
  cluster.put(virtual_service("empty", "192.0.2.101"));
  const auto warned = render_plans(cluster.snapshot(), "").value();
  EXPECT_THAT(warned.text, HasSubstr("VirtualService shop/empty"));
  EXPECT_TRUE(warned.clean);
  cluster.put(virtual_service("copy", "192.0.2.100"));
  const auto refused = render_plans(cluster.snapshot(), "").value();
  EXPECT_THAT(refused.text, HasSubstr("# "));
  EXPECT_FALSE(refused.clean);
}

}  // namespace
}  // namespace lvs
