#include "api/resources.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

using Operator = LabelRequirement::Operator;

bool matches(Operator op, const std::vector<std::string>& values, const Labels& labels) {
  LabelSelector selector;
  selector.match_expressions = {{"app", op, values}};
  return selector.matches(labels);
}

TEST(LabelSelector, MatchesAsKubernetesDoes) {
  const Labels web{{"app", "web"}};
  EXPECT_TRUE(LabelSelector().matches({}));
  EXPECT_TRUE(matches(Operator::kIn, {"web", "www"}, web));
  EXPECT_FALSE(matches(Operator::kIn, {"www"}, web));
  EXPECT_FALSE(matches(Operator::kIn, {"web"}, {}));
  EXPECT_TRUE(matches(Operator::kNotIn, {"www"}, web));
  EXPECT_TRUE(matches(Operator::kNotIn, {"web"}, {}));
  EXPECT_FALSE(matches(Operator::kNotIn, {"web"}, web));
  EXPECT_TRUE(matches(Operator::kExists, {}, web));
  EXPECT_FALSE(matches(Operator::kExists, {}, {}));
  EXPECT_TRUE(matches(Operator::kDoesNotExist, {}, {}));
  EXPECT_FALSE(matches(Operator::kDoesNotExist, {}, web));
}

TEST(LabelSelector, AllOfItMustHold) {
  LabelSelector selector;
  selector.match_labels = {{"app", "web"}};
  selector.match_expressions = {{"zone", Operator::kExists, {}}};
  EXPECT_FALSE(selector.matches({{"app", "web"}}));
  EXPECT_FALSE(selector.matches({{"app", "mail"}, {"zone", "a"}}));
  EXPECT_TRUE(selector.matches({{"app", "web"}, {"zone", "a"}}));
}

TEST(Terms, EveryWordComesBack) {
  for (const auto protocol : {Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    EXPECT_EQ(parse_protocol(to_string(protocol)), protocol);
  }
  for (const auto method : {ForwardingMethod::kDirectRouting, ForwardingMethod::kTunnel,
                            ForwardingMethod::kMasquerade}) {
    EXPECT_EQ(parse_forwarding(to_string(method)), method);
  }
  for (const auto name : scheduler_names()) EXPECT_TRUE(is_scheduler(name));
  EXPECT_FALSE(parse_protocol("tcp"));
  EXPECT_FALSE(parse_forwarding("NAT"));
  EXPECT_FALSE(is_scheduler("WRR"));
}

}  // namespace
}  // namespace lvs
