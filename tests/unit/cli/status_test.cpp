#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/status_report.h"
#include "samples.h"

namespace lvs::cli {
namespace {

std::string problems_of(const StatusReport& report) {
  std::string text;
  for (const auto& problem : report.problems) {
    text += problem.where + ": " + problem.message + " [" + problem.reason + "]\n";
  }
  return text;
}

const ServerRow& server(const StatusReport& report, const std::string& name) {
  for (const auto& row : report.services.at(0).servers) {
    if (row.name == name) return row;
  }
  throw std::logic_error("no server " + name);
}

// Hashes change with the plan's contents; here they are made short and fixed.
StatusReport with_fixed_hashes(StatusReport report) {
  for (auto& node : report.nodes) node.stored_plan = node.applied_plan = "0123456789abcdef";
  return report;
}

TEST(Status, OfS1WhenAllIsWell) {
  const auto report = with_fixed_hashes(report_from_agents(test::s1_answers()));
  EXPECT_EQ(to_text(report, false),
            R"(VIP              HOLDER      STATE    TERM  SINCE  BEFORE  REASON  CANDIDATES
192.168.100.100  director-1  present  4     -      -       -       director-1, director-2

TCP 192.168.100.100:80  shop/web  wrr  on director-1
  REAL SERVER  ADDRESS            WEIGHT  ACTIVE  INACTIVE  STATE    PREPARED
  web-1        192.168.100.21:80  3       3       30        Serving  yes
  web-2        192.168.100.22:80  2       2       20        Serving  yes
  web-3        192.168.100.23:80  1       1       10        Serving  yes

NODE           ROLE         AGENT                STATE    VERSION  PLAN
director-1     director     192.168.100.10:9440  answers  0.1.0    01234567
director-2     director     192.168.100.11:9440  answers  0.1.0    01234567
real-server-1  real server  192.168.100.21:9440  answers  0.1.0    01234567
real-server-2  real server  192.168.100.22:9440  answers  0.1.0    01234567
real-server-3  real server  192.168.100.23:9440  answers  0.1.0    01234567

no problems
)");
  EXPECT_EQ(exit_code_of(report), kExitOk);
}

TEST(Status, AServerOnAnotherSegment) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "director-1").state;
  state.status.off_link = {test::ip("192.168.100.22")};
  state.services[0].destinations[1].config.weight = 0;
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(server(report, "web-2").state, "NotOnLink");
  EXPECT_EQ(problems_of(report),
            "TCP 192.168.100.100:80 at 192.168.100.22:80 (web-2): director-1 reaches it through a "
            "gateway or not at all, and direct routing needs one segment; put it on the director's "
            "network, correct its address, or set spec.forwarding of its VirtualServices to Tunnel "
            "[RealServerNotOnLink]\n");
  EXPECT_EQ(exit_code_of(report), kExitNo);
}

TEST(Status, TellsSinceWhenFromWhomAndWhyAndHowTheDirectorsHearEachOther) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "director-1").state;
  state.status.vips[0].election = {
      1'769'847'300, "HeartbeatLost", "director-2", "director-2", {}, {}};
  state.peers = {{"director-2", true, true, true, Duration{0}, Duration{20}, 997, 3, 0},
                 {"director-3", false, false, false, Duration{0}, std::nullopt, 0, 0, 0}};
  const auto report = report_from_agents(test::settled(std::move(answers)));
  const std::string text = to_text(report, false);
  EXPECT_NE(
      text.find("4     2026-01-31T08:15:00Z  director-2  HeartbeatLost  director-1, director-2\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("DIRECTOR    HEARS       STATE        ROUND TRIP  LOST\n"
                      "director-1  director-2  ready        <1 ms       0.3%\n"
                      "director-1  director-3  never heard  -           -\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(exit_code_of(report), kExitOk);
}

TEST(Status, WhatWorriesADirectorIsAProblem) {
  auto answers = test::s1_answers();
  auto& vip = test::answer_of(answers, "director-1").state->status.vips[0];
  vip.election.concern = "NoSuccessor";
  vip.election.concern_message = "start another candidate";
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(problems_of(report),
            "VIP 192.168.100.100 on director-1: start another candidate [NoSuccessor]\n");
  EXPECT_EQ(exit_code_of(report), kExitNo);
}

TEST(Status, ANodeThatDoesNotAnswerIsSaidAndExitsThree) {
  auto answers = test::s1_answers();
  test::make_unreachable(answers, "real-server-3");
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(exit_code_of(report), kExitUnreachable);
  EXPECT_EQ(server(report, "web-3").prepared, "unknown");
  EXPECT_EQ(server(report, "web-3").state, "Serving");
  EXPECT_NE(
      problems_of(report).find("node real-server-3: connection refused; check `systemctl status "
                               "lvs-agent` there, and the network [AgentUnreachable]\n"),
      std::string::npos)
      << problems_of(report);
}

TEST(Status, OfServicesThatNoDirectorShowsIsUnknown) {
  auto answers = test::s1_answers();
  test::make_unreachable(answers, "director-1");
  test::make_unreachable(answers, "director-2");
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(server(report, "web-1").state, "Unknown");
  EXPECT_EQ(report.services[0].seen_on, "");
  EXPECT_EQ(report.problems.size(), 2U) << problems_of(report);
}

TEST(Status, AServerThatIsNotPreparedSaysWhy) {
  auto answers = test::s1_answers();
  auto& backend = test::answer_of(answers, "real-server-2").state->status.backends[0];
  backend.prepared = false;
  backend.reason = "WrongArpSetting";
  backend.message = "arp_ignore of eth0 is 0";
  test::answer_of(answers, "director-1").state->services[0].destinations[1].config.weight = 0;
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(server(report, "web-2").state, "Preparing");
  EXPECT_EQ(server(report, "web-2").prepared, "no");
  EXPECT_EQ(server(report, "web-2").reason, "WrongArpSetting");
  EXPECT_NE(
      problems_of(report).find("VIP 192.168.100.100 on real server real-server-2: arp_ignore of "
                               "eth0 is 0 [WrongArpSetting]\n"),
      std::string::npos)
      << problems_of(report);
  EXPECT_EQ(exit_code_of(report), kExitNo);
}

TEST(Status, NobodyHoldsTheVip) {
  auto answers = test::s1_answers();
  auto& vip = test::answer_of(answers, "director-1").state->status.vips[0];
  vip.holder = vip.present = false;
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_TRUE(report.vips[0].holders.empty());
  EXPECT_EQ(
      problems_of(report),
      "VIP 192.168.100.100: none of its candidates holds it; see their problems [NoHolder]\n");
}

TEST(Status, TwoHoldTheVip) {
  auto answers = test::s1_answers();
  auto& vip = test::answer_of(answers, "director-2").state->status.vips[0];
  vip.holder = vip.present = true;
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(report.problems.at(0).reason, "TwoHolders");
}

TEST(Status, AHolderWithoutTheAddressIsAProblem) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1").state->status.vips[0].present = false;
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(report.vips[0].present, false);
  EXPECT_EQ(
      problems_of(report),
      "VIP 192.168.100.100 on director-1: the holder does not have the address on eth0; see the "
      "agent's log [NotPresent]\n");
}

TEST(Status, AServerThatTheKernelLacksIsListedAndAProblem) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1").state->services[0].destinations.pop_back();
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(server(report, "web-3").state, "NotProgrammed");
  EXPECT_FALSE(server(report, "web-3").weight);
  EXPECT_EQ(report.problems.at(0).reason, "NotProgrammed");
  EXPECT_TRUE(report.problems.at(0).message.starts_with("director-1 lacks 1 real server;"));
}

TEST(Status, APausedServiceLacksNothing) {
  auto answers = test::s1_answers();
  auto paused = std::make_shared<VirtualService>(
      *answers.wanted->virtual_services.at(ObjectKey{"shop", "web"}));
  paused->spec.paused = true;
  answers.wanted->virtual_services[paused->meta.key] = paused;
  test::answer_of(answers, "director-1").state->services[0].destinations.pop_back();
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(report.services[0].servers.size(), 2U);
  EXPECT_TRUE(report.problems.empty()) << problems_of(report);
}

TEST(Status, ADrainingServerIsStillListed) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "director-1").state;
  ObservedDestination old = state.services[0].destinations[0];
  old.key.address = test::ip("192.168.100.29");
  old.config.weight = 0;
  state.services[0].destinations.push_back(old);
  state.status.lingering.push_back({test::kWeb, old.key, old.connections});
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(report.services[0].servers[3].state, "Draining");
  EXPECT_EQ(report.services[0].servers[3].address, "192.168.100.29:80");
}

TEST(Status, TheTableOfTheHolderIsShown) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1").state->status.vips[0] = {
      test::kWeb.address, "eth0", false, false, 0, "", ""};
  test::answer_of(answers, "director-2").state->status.vips[0] = {
      test::kWeb.address, "eth0", true, true, 5, "", ""};
  const auto report = report_from_agents(test::settled(std::move(answers)));
  EXPECT_EQ(report.services[0].seen_on, "director-2");
  EXPECT_EQ(report.vips[0].term, 5U);
}

TEST(Status, PlansThatAreMissingPendingOrOnTheirWay) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-2").state->status.has_plan = false;
  test::answer_of(answers, "real-server-1").state->pending = {"ip addr add ..."};
  auto& late = test::answer_of(answers, "real-server-2").state->status;
  late.applied_plan = ContentHash{1, 2};
  const auto report = report_from_agents(answers);
  std::vector<std::string> reasons;
  for (const auto& problem : report.problems) reasons.push_back(problem.reason);
  EXPECT_EQ(reasons, (std::vector<std::string>{"NoPlan", "Pending", "Applying"}));
}

TEST(Status, ProblemsOfAgentsArePassedOn) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1")
      .state->status.problems.push_back(
          {"TCP 192.168.100.100:80", "SchedulerUnavailable", "no mh"});
  const auto text = problems_of(report_from_agents(answers));
  EXPECT_NE(text.find("node director-1, TCP 192.168.100.100:80: no mh [SchedulerUnavailable]\n"),
            std::string::npos)
      << text;
}

TEST(Status, OneAgentAloneTellsWhatItKnows) {
  ClusterAnswers answers;
  answers.nodes.push_back(
      {"director-2", "/run/lvs-agent/agent.sock", test::s1_director("director-2", false)});
  const auto report = report_from_agents(answers);
  EXPECT_EQ(report.vips.at(0).candidates, (std::vector<std::string>{"director-2"}));
  EXPECT_TRUE(report.vips[0].holders.empty());
  EXPECT_EQ(report.services.at(0).servers.size(), 3U);
  EXPECT_EQ(report.services[0].servers[0].prepared, "");
  EXPECT_TRUE(report.problems.empty()) << problems_of(report);
}

TEST(Status, JsonHasWhatTheTableHas) {
  const auto json = to_json(with_fixed_hashes(report_from_agents(test::s1_answers())));
  EXPECT_TRUE(json.starts_with(R"({
  "healthy": true,
  "complete": true,
  "vips": [
    {
      "address": "192.168.100.100",
      "holders": [
        "director-1"
      ],
      "present": true,
      "term": 4,
      "candidates": [
        "director-1",
        "director-2"
      ]
    }
  ],
  "services": [
    {
      "service": "TCP 192.168.100.100:80",
      "virtualService": "shop/web",
      "scheduler": "wrr",
      "seenOn": "director-1",
      "realServers": [
        {
          "name": "web-1",
          "address": "192.168.100.21:80",
          "weight": 3,
          "activeConnections": 3,
          "inactiveConnections": 30,
          "state": "Serving",
          "prepared": "yes"
        },)"))
      << json;
}

}  // namespace
}  // namespace lvs::cli
