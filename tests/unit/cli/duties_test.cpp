#include "cli/duties.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs::cli {
namespace {

const IpAddress kVip = test::ip("192.168.100.100");

TEST(Duties, OfAgentsTellWhoHoldsAndWhoIsNext) {
  const Duties duties = duties_from_agents(test::s1_answers());
  const VipDuty& duty = duties.vips.at(kVip);
  EXPECT_EQ(duty.holder, "director-1");
  EXPECT_EQ(duty.term, 4U);
  EXPECT_EQ(duties.successor(duty), "director-2");
  EXPECT_EQ(duties.held_by("director-1"), std::vector{kVip});
  EXPECT_TRUE(duties.held_by("director-2").empty());
  EXPECT_EQ(duties.directors, (std::set<std::string>{"director-1", "director-2"}));
}

TEST(Duties, ADrainedOrSilentDirectorIsNoSuccessor) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-2").state->status.drained = true;
  Duties duties = duties_from_agents(test::settled(answers));
  EXPECT_EQ(duties.successor(duties.vips.at(kVip)), "");
  EXPECT_TRUE(duties.drained.contains("director-2"));
  test::make_unreachable(answers, "director-2");
  duties = duties_from_agents(test::settled(answers));
  EXPECT_EQ(duties.successor(duties.vips.at(kVip)), "");
}

TEST(Duties, OfTwoThatSaySoTheHigherTermHolds) {
  auto answers = test::s1_answers();
  auto& vip = test::answer_of(answers, "director-2").state->status.vips[0];
  vip.holder = vip.present = true;
  vip.term = 5;
  vip.election.concern_message = "nobody is left";
  const Duties duties = duties_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(duties.vips.at(kVip).holder, "director-2");
  EXPECT_EQ(duties.vips.at(kVip).concern, "nobody is left");
}

}  // namespace
}  // namespace lvs::cli
