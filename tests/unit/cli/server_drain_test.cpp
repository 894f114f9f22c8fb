#include "cli/server_drain.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs::cli {
namespace {

Remaining remaining(const ClusterAnswers& answers) {
  return remaining_of(explain_from_agents(answers, "web-2").value());
}

TEST(ServerDrain, CountsWhatTheHolderHas) {
  const auto now = remaining(test::s1_answers());
  EXPECT_TRUE(now.known);
  EXPECT_TRUE(now.weighted);
  EXPECT_FALSE(now.held_out);
  EXPECT_EQ(now.active, 2U);
  EXPECT_EQ(now.inactive, 20U);
}

TEST(ServerDrain, WhatAStandbyHasAreCopies) {
  auto answers = test::s1_answers();
  auto& copy = test::answer_of(answers, "director-2").state->services[0].destinations[1];
  copy.connections.active = 7;
  copy.config.weight = 0;
  const auto now = remaining(answers);
  EXPECT_EQ(now.active, 2U);
  EXPECT_FALSE(now.held_out);
}

TEST(ServerDrain, WithoutTheHolderNothingIsKnown) {
  auto answers = test::s1_answers();
  test::make_unreachable(answers, "director-1");
  EXPECT_FALSE(remaining(answers).known);
}

}  // namespace
}  // namespace lvs::cli
