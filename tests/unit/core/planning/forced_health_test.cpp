#include "core/forced_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot.h"

namespace lvs {
namespace {

using std::chrono::seconds;

constexpr const char* kSix = "2026-11-22T18:00:00Z";
const WallTime kSixOClock{seconds(1'795'370'400)};

Labels annotations(const std::string& force, const std::string& until = "") {
  Labels all;
  if (!force.empty()) all[kForceAnnotation] = force;
  if (!until.empty()) all[kForceUntilAnnotation] = until;
  return all;
}

std::string error_of(const Labels& all) {
  const auto forced = forced_health_of(all);
  return forced ? "none" : forced.error().message;
}

TEST(ForcedHealth, IsReadFromAnnotations) {
  EXPECT_EQ(forced_health_of({}).value(), std::nullopt);
  EXPECT_EQ(forced_health_of(annotations("up")).value(), (ForcedHealth{true}));
  EXPECT_EQ(forced_health_of(annotations("down", kSix)).value(), (ForcedHealth{false, kSixOClock}));
}

TEST(ForcedHealth, WhatMeansNothingIsNamedWithWhatToWrite) {
  EXPECT_EQ(
      error_of(annotations("Down")),
      "metadata.annotations[lvs-operator.io/force]: \"Down\" has no effect; write up or down, "
      "or remove it");
  for (const char* bad : {"tomorrow", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T18:00:00",
                          "2026-11-22T18:00:00+01:00", "2026-11-22T18:00:00Z "}) {
    EXPECT_THAT(error_of(annotations("up", bad)),
                ::testing::HasSubstr("is no time; write one like"))
        << bad;
  }
  EXPECT_THAT(error_of(annotations("", kSix)), ::testing::HasSubstr("has no effect without"));
}

TEST(ForcedHealth, EndsAtItsTime) {
  const auto all = annotations("down", kSix);
  EXPECT_TRUE(forced_at(all, kSixOClock - seconds(1)));
  EXPECT_FALSE(forced_at(all, kSixOClock));
  EXPECT_TRUE(forced_at(annotations("down"), kSixOClock));
  EXPECT_FALSE(forced_at(annotations("sideways"), kSixOClock));
}

TEST(ForcedHealth, TellsWhatAndHowLong) {
  EXPECT_EQ(to_text(ForcedHealth{false, kSixOClock}),
            "forced down until 2026-11-22T18:00:00Z (lvs-operator.io/force)");
  EXPECT_EQ(to_text(ForcedHealth{true}),
            "forced up until it is taken back (lvs-operator.io/force)");
}

TEST(ForcedHealth, ASnapshotHasThoseThatAreForcedNow) {
  ClusterSnapshot snapshot;
  const auto put = [&](const std::string& name, Labels all) {
    RealServer server;
    server.meta.key = {"shop", name};
    server.meta.annotations = std::move(all);
    snapshot.real_servers[server.meta.key] = std::make_shared<const RealServer>(server);
  };
  put("down", annotations("down"));
  put("over", annotations("down", kSix));
  put("free", {});
  resolve_forced(snapshot, kSixOClock);
  ASSERT_EQ(snapshot.forced.size(), 1U);
  EXPECT_FALSE(snapshot.forced.at({"shop", "down"}).up);
}

}  // namespace
}  // namespace lvs
