#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/diff_report.h"
#include "samples.h"

namespace lvs::cli {
namespace {

using Lines = std::vector<std::string>;

const NodeDiff& node(const DiffReport& report, const std::string& name) {
  for (const auto& diff : report.nodes) {
    if (diff.node == name) return diff;
  }
  throw std::logic_error("no node " + name);
}

// The same folder with another weight, not applied yet.
ClusterAnswers answers_of_other_manifests(const std::string& from, const std::string& to) {
  auto answers = test::s1_answers();
  auto files = test::s1_files();
  files[0].text.replace(files[0].text.find(from), from.size(), to);
  answers.wanted = to_snapshot(parse_files(files).resources);
  add_reports(*answers.wanted, answers.nodes);
  return answers;
}

TEST(Diff, OfS1WhenAllIsWellIsNone) {
  const auto report = build_diff(test::s1_answers());
  EXPECT_EQ(exit_code_of(report), kExitOk);
  EXPECT_EQ(to_text(report, false),
            "director-1: no difference\n"
            "director-2: no difference\n"
            "real-server-1: no difference\n"
            "real-server-2: no difference\n"
            "real-server-3: no difference\n");
}

TEST(Diff, WhatAnAgentStillHasToDoIsListed) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1").state->pending = {
      "-e -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3"};
  const auto report = build_diff(answers);
  EXPECT_EQ(exit_code_of(report), kExitNo);
  EXPECT_TRUE(to_text(report, false)
                  .starts_with("director-1: 1 operation pending\n"
                               "  -e -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3\n"
                               "director-2: no difference\n"))
      << to_text(report, false);
}

TEST(Diff, OtherManifestsAreComparedWithTheKernelItself) {
  const auto report = build_diff(answers_of_other_manifests("weight: 3", "weight: 5"));
  EXPECT_EQ(exit_code_of(report), kExitNo);
  for (const auto* director : {"director-1", "director-2"}) {
    EXPECT_EQ(node(report, director).against, "manifests");
    EXPECT_EQ(node(report, director).operations,
              (Lines{"-e -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 5"}));
  }
  EXPECT_TRUE(node(report, "real-server-1").operations.empty());
}

TEST(Diff, ANewVipIsPutOnHolderAndRealServers) {
  auto answers = answers_of_other_manifests("[192.168.100.100]", "[192.168.100.200]");
  const auto report = build_diff(answers);
  const auto& holder = node(report, "director-1").operations;
  EXPECT_NE(std::find(holder.begin(), holder.end(),
                      "ip addr add 192.168.100.200/32 dev eth0 noprefixroute"),
            holder.end())
      << to_text(report, false);
  const auto& server = node(report, "real-server-1").operations;
  EXPECT_NE(std::find(server.begin(), server.end(),
                      "ip addr add 192.168.100.200/32 dev lo scope host noprefixroute"),
            server.end())
      << to_text(report, false);
}

TEST(Diff, ForeignObjectsAreNamedAndAreNoDifference) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "director-1").state;
  ObservedService foreign = state.services[0];
  foreign.key.port = 8443;
  foreign.owned = false;
  state.services.push_back(foreign);
  state.addresses.push_back(
      {.address = test::ip("10.9.9.9"), .prefix_length = 32, .interface = "lo"});
  const auto report = build_diff(answers);
  EXPECT_EQ(exit_code_of(report), kExitOk);
  EXPECT_EQ(node(report, "director-1").foreign,
            (Lines{"TCP 192.168.100.100:8443 wrr, 3 real servers", "10.9.9.9/32 on lo"}));
}

TEST(Diff, ANodeThatDoesNotAnswerMakesItIncomplete) {
  auto answers = test::s1_answers();
  test::make_unreachable(answers, "director-2");
  const auto report = build_diff(test::settled(std::move(answers)));
  EXPECT_EQ(exit_code_of(report), kExitUnreachable);
  EXPECT_NE(to_text(report, false).find("director-2: unreachable: connection refused\n"),
            std::string::npos);
  EXPECT_NE(to_json(report).find("\"error\": \"connection refused\""), std::string::npos);
}

TEST(Diff, OneAgentAloneIsAskedWhatItWouldDo) {
  ClusterAnswers answers;
  answers.nodes.push_back({"director-1", "s", test::s1_director("director-1", true)});
  const auto report = build_diff(answers);
  EXPECT_EQ(report.nodes.at(0).against, "agent");
  EXPECT_EQ(exit_code_of(report), kExitOk);
}

}  // namespace
}  // namespace lvs::cli
