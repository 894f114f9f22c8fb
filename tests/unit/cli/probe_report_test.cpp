#include "cli/probe_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs::cli {
namespace {

using ::testing::HasSubstr;

Probe answered(const std::string& by, int at = 0, int took = 1) {
  return {Duration{at}, Duration{took}, by, ""};
}
Probe lost(int at, int took = 1'000) { return {Duration{at}, Duration{took}, "", "no answer"}; }

std::vector<Probe> answers(const std::map<std::string, int>& counts) {
  std::vector<Probe> probes;
  for (const auto& [name, count] : counts) {
    for (int i = 0; i < count; ++i) probes.push_back(answered(name));
  }
  return probes;
}

const std::map<std::string, unsigned> kWeights{{"a", 3}, {"b", 2}, {"c", 1}};

struct Shares {
  const char* name;
  std::map<std::string, int> counts;
  bool holds;
};

TEST(ProbeReport, SharesAreExactOverWholeRounds) {
  for (const Shares& c :
       {Shares{"exact", {{"a", 30}, {"b", 20}, {"c", 10}}, true},
        Shares{"one off", {{"a", 31}, {"b", 19}, {"c", 10}}, false},
        Shares{"within a round", {{"a", 4}, {"b", 2}, {"c", 1}}, true},
        Shares{"a server is missing", {{"a", 36}, {"b", 24}}, false},
        Shares{"a stranger", {{"a", 30}, {"b", 20}, {"c", 9}, {"x", 1}}, false}}) {
    EXPECT_EQ(judge_distribution(answers(c.counts), kWeights, false).holds, c.holds) << c.name;
  }
}

TEST(ProbeReport, ADistributionIsATable) {
  const auto verdict = judge_distribution(answers({{"a", 3}, {"b", 2}, {"c", 1}}), kWeights, false);
  EXPECT_EQ(verdict.text,
            "SERVER  ANSWERS  SHARE   WEIGHT\n"
            "a       3        50.0 %  3\n"
            "b       2        33.3 %  2\n"
            "c       1        16.7 %  1\n"
            "holds: answers follow the weights\n");
}

TEST(ProbeReport, AFailureHoldsNowhere) {
  auto probes = answers({{"a", 2}});
  probes.push_back(lost(5));
  for (const auto& verdict :
       {judge_distribution(probes, {}, false), judge_performance(probes, false)}) {
    EXPECT_FALSE(verdict.holds);
    EXPECT_THAT(verdict.text, HasSubstr("1 of 3 failed: 1 x no answer\n"));
  }
  EXPECT_FALSE(judge_performance({lost(0)}, false).holds);
}

TEST(ProbeReport, LatenciesAreSorted) {
  std::vector<Probe> probes;
  for (int i = 100; i > 0; --i) probes.push_back(answered("a", 100 - i, i));
  const auto verdict = judge_performance(probes, false);
  EXPECT_TRUE(verdict.holds);
  EXPECT_THAT(verdict.text, HasSubstr("100 answers in 100ms, 1000.0 a second\n"));
  EXPECT_THAT(verdict.text, HasSubstr("latency: 50 % 51ms, 90 % 91ms, 99 % 100ms, longest 100ms"));
}

TEST(ProbeReport, AnOutageEndsWithTheFirstProbeThatIsAnswered) {
  const std::vector<Probe> probes{answered("a", 0),  lost(20),          lost(40),
                                  answered("b", 60), answered("b", 80), lost(100, 500)};
  const auto outages = find_outages(probes);
  ASSERT_EQ(outages.size(), 2U);
  EXPECT_EQ(outages[0].begun, Duration{20});
  EXPECT_EQ(outages[0].took, Duration{40});
  EXPECT_EQ(outages[0].failed, 2U);
  EXPECT_EQ(outages[1].took, Duration{500}) << "it lasts on";
}

TEST(ProbeReport, AFailoverHoldsWhenItIsShortAndOver) {
  const std::vector<Probe> moved{answered("a", 0), lost(20), answered("b", 320)};
  EXPECT_TRUE(judge_failover(moved, Duration{300}, false).holds);
  EXPECT_FALSE(judge_failover(moved, Duration{299}, false).holds);
  EXPECT_FALSE(judge_failover({answered("a", 0), lost(20, 100)}, Duration{300}, false).holds);
  EXPECT_TRUE(judge_failover({answered("a", 0)}, Duration{1}, false).holds);
}

TEST(ProbeTarget, IsAUrl) {
  const auto target = parse_probe_target("https://[2001:db8::1]:8443/health?x=1").value();
  EXPECT_EQ(target.server, "https://[2001:db8::1]:8443");
  EXPECT_EQ(target.path, "/health?x=1");
  EXPECT_EQ(parse_probe_target("http://192.0.2.1")->path, "/");
  for (const char* bad : {"", "192.0.2.1", "ftp://192.0.2.1/", "http://"}) {
    EXPECT_FALSE(parse_probe_target(bad)) << bad;
  }
}

}  // namespace
}  // namespace lvs::cli
