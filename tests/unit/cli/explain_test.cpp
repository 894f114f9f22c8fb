#include "cli/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/status_report.h"
#include "samples.h"

namespace lvs::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Explanation explained(ClusterAnswers answers, const std::string& name = "web-2") {
  return explain_from_agents(test::settled(std::move(answers)), name).value();
}

// The first check that is known to be bad.
std::string first_problem(const Explanation& explanation) {
  for (const auto& check : explanation.checks) {
    if (check.good == false) return check.question + ": " + check.detail;
  }
  return "none";
}

void change_server(ClusterAnswers& answers, const std::function<void(RealServer&)>& change) {
  const ObjectKey key{"shop", "web-2"};
  auto server = std::make_shared<RealServer>(*answers.wanted->real_servers.at(key));
  change(*server);
  answers.wanted->real_servers[key] = server;
}

void set_kernel_weight(ClusterAnswers& answers, std::uint32_t weight) {
  for (const char* director : {"director-1", "director-2"}) {
    test::answer_of(answers, director).state->services[0].destinations[1].config.weight = weight;
  }
}

void add_check(ClusterAnswers& answers) {
  const ObjectKey key{"shop", "web"};
  auto service = std::make_shared<VirtualService>(*answers.wanted->virtual_services.at(key));
  service->spec.health_check = HealthCheckSpec{};
  answers.wanted->virtual_services[key] = service;
}

TEST(Explain, OfAServerThatServes) {
  const auto explanation = explained(test::s1_answers());
  EXPECT_EQ(to_text(explanation, false), R"(shop/web-2  on node real-server-2  192.168.100.22
gets new connections

TCP 192.168.100.100:80  shop/web
  DIRECTOR    ROLE     WEIGHT  IN KERNEL  ACTIVE  INACTIVE  STATE
  director-1  holder   2       2          2       20        Serving
  director-2  standby  2       2          0       0         Serving

CHECK                             RESULT     DETAIL
accepted                          ok         selected by shop/web
not drained                       ok         spec.drain is false
weight                            ok         spec.weight is 2
holder of 192.168.100.100         ok         director-1
agent of real-server-2            ok         answers
prepared for 192.168.100.100      ok         on lo
silent about it                   ok         eth0: arp_ignore 1, arp_announce 2; all: arp_ignore 0, arp_announce 0
same segment                      ok         no director reaches it through a gateway
health of TCP 192.168.100.100:80  not known  not checked
listens on the VIP, port 80       not known  checks ask the server's own address

next:
  if clients get no answer: on real-server-2 `ss -ltnu sport = :80` must show the VIP or all addresses, not the server's own alone; a healthCheck with target: InPath would tell
)");
  EXPECT_EQ(exit_code_of(explanation), kExitOk);
}

TEST(Explain, AServerWithoutTheVip) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "real-server-2").state;
  state.addresses.pop_back();
  state.status.backends[0].prepared = false;
  state.status.backends[0].reason = "AddressMissing";
  state.status.backends[0].message = "192.168.100.100 is not on lo yet";
  set_kernel_weight(answers, 0);
  const auto explanation = explained(std::move(answers));
  EXPECT_EQ(first_problem(explanation),
            "prepared for 192.168.100.100: on no interface: 192.168.100.100 is not on lo yet "
            "[AddressMissing]");
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "Preparing");
  EXPECT_THAT(explanation.next().at(0), HasSubstr("the agent of real-server-2"));
  EXPECT_EQ(exit_code_of(explanation), kExitNo);
}

TEST(Explain, AServerThatAnswersArpForTheVip) {
  auto answers = test::s1_answers();
  auto& state = *test::answer_of(answers, "real-server-2").state;
  state.arp[0].all_ignore = 4;
  state.status.backends[0].prepared = false;
  state.status.backends[0].reason = "WrongArpSetting";
  state.status.backends[0].message = "not in effect";
  set_kernel_weight(answers, 0);
  const std::string text = to_text(explained(std::move(answers)), false);
  EXPECT_THAT(text, HasSubstr("problem    eth0: arp_ignore 1, arp_announce 2; all: arp_ignore 4"));
  EXPECT_THAT(text, HasSubstr("[WrongArpSetting]"));
  EXPECT_THAT(text, HasSubstr("find what sets net.ipv4.conf.all"));
}

TEST(Explain, AServerOnAnotherSegment) {
  auto answers = test::s1_answers();
  test::answer_of(answers, "director-1").state->status.off_link = {test::ip("192.168.100.22")};
  set_kernel_weight(answers, 0);
  const auto explanation = explained(std::move(answers));
  EXPECT_EQ(first_problem(explanation),
            "same segment: through a gateway or not at all from director-1");
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "NotOnLink");
  EXPECT_THAT(explanation.next().at(0), HasSubstr("Tunnel"));
}

TEST(Explain, AServerThatFailsItsCheck) {
  auto answers = test::s1_answers();
  add_check(answers);
  test::answer_of(answers, "director-1")
      .state->status.unhealthy.push_back(
          {test::kWeb, test::ip("192.168.100.22"), "connection refused"});
  set_kernel_weight(answers, 0);
  const auto explanation = explained(std::move(answers));
  EXPECT_EQ(first_problem(explanation),
            "health of TCP 192.168.100.100:80: director-1: connection refused");
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "Down");
}

TEST(Explain, ADrainedAndAQuiescedServer) {
  auto drained = test::s1_answers();
  change_server(drained, [](RealServer& server) { server.spec.drain = true; });
  set_kernel_weight(drained, 0);
  auto explanation = explained(std::move(drained));
  EXPECT_EQ(first_problem(explanation), "not drained: spec.drain is true");
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "Draining");
  auto quiesced = test::s1_answers();
  change_server(quiesced, [](RealServer& server) { server.spec.weight = 0; });
  set_kernel_weight(quiesced, 0);
  explanation = explained(std::move(quiesced));
  EXPECT_EQ(first_problem(explanation), "weight: spec.weight is 0");
  EXPECT_THAT(explanation.next().at(0), HasSubstr("set spec.weight to more than 0 (web.yaml:"));
}

TEST(Explain, AForcedServer) {
  auto answers = test::s1_answers();
  answers.wanted->forced[{"shop", "web-2"}] = {false};
  set_kernel_weight(answers, 0);
  const auto explanation = explained(answers);
  EXPECT_EQ(first_problem(explanation),
            "not forced: forced down until it is taken back (lvs-operator.io/force)");
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "ForcedDown");
  const auto report = report_from_agents(test::settled(answers));
  EXPECT_EQ(report.services.at(0).servers.at(1).state, "ForcedDown");
  answers.wanted->forced[{"shop", "web-2"}] = {true};
  set_kernel_weight(answers, 2);
  const auto up = report_from_agents(test::settled(answers));
  EXPECT_EQ(up.services.at(0).servers.at(1).state, "ForcedUp");
}

TEST(Explain, AServerThatNoServiceSelects) {
  auto answers = test::s1_answers();
  change_server(answers, [](RealServer& server) { server.meta.labels = {}; });
  for (const char* director : {"director-1", "director-2"}) {
    auto& destinations = test::answer_of(answers, director).state->services[0].destinations;
    destinations.erase(destinations.begin() + 1);
  }
  const auto explanation = explained(std::move(answers));
  EXPECT_THAT(first_problem(explanation), HasSubstr("namespace shop selects its labels"));
  EXPECT_THAT(to_text(explanation, false), HasSubstr("it is a real server of no service"));
  EXPECT_EQ(exit_code_of(explanation), kExitNo);
}

TEST(Explain, ADestinationThatTheKernelLacksAndOneThatLeaves) {
  auto answers = test::s1_answers();
  auto& destinations = test::answer_of(answers, "director-1").state->services[0].destinations;
  destinations.erase(destinations.begin() + 1);
  auto explanation = explained(std::move(answers));
  EXPECT_EQ(explanation.services.at(0).directors.at(0).state, "Missing");
  EXPECT_EQ(explanation.services.at(0).directors.at(1).state, "Serving");
  EXPECT_THAT(first_problem(explanation), HasSubstr("kernels follow: director-1"));
}

TEST(Explain, NobodyHoldsTheVip) {
  auto answers = test::s1_answers();
  auto& vip = test::answer_of(answers, "director-1").state->status.vips[0];
  vip.holder = vip.present = false;
  const auto explanation = explained(std::move(answers));
  EXPECT_EQ(first_problem(explanation), "holder of 192.168.100.100: nobody");
  EXPECT_THAT(to_text(explanation, false), HasSubstr("gets no new connections"));
}

TEST(Explain, WhoDoesNotAnswerIsNotKnown) {
  auto answers = test::s1_answers();
  test::make_unreachable(answers, "real-server-2");
  test::make_unreachable(answers, "director-2");
  const auto explanation = explained(std::move(answers));
  EXPECT_EQ(first_problem(explanation), "none");
  EXPECT_THAT(to_text(explanation, false),
              HasSubstr("agent of real-server-2            not known  does not answer"));
  EXPECT_EQ(explanation.services.at(0).directors.at(1).role, "");
  EXPECT_EQ(exit_code_of(explanation), kExitUnreachable);
}

TEST(Explain, AServerIsCalledByNameNodeOrAddress) {
  const auto answers = test::s1_answers();
  for (const char* name : {"web-2", "shop/web-2", "real-server-2", "192.168.100.22"}) {
    EXPECT_EQ(explain_from_agents(answers, name).value().name, "shop/web-2") << name;
  }
  const auto unknown = explain_from_agents(answers, "web-9");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message,
            "there is no RealServer web-9; there are: shop/web-1, shop/web-2, shop/web-3");
}

TEST(Explain, ANameOfSeveralNamespacesIsAskedBack) {
  auto snapshot = test::s1_snapshot();
  auto other = std::make_shared<RealServer>(*snapshot.real_servers.at(ObjectKey{"shop", "web-2"}));
  other->meta.key.ns = "mail";
  snapshot.real_servers[other->meta.key] = other;
  const auto choice = choose_server(snapshot, "web-2");
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().message,
            "web-2 may be each of mail/web-2, shop/web-2; write NAMESPACE/NAME");
}

TEST(Explain, AgentsAloneTellWhatTheyKnow) {
  ClusterAnswers answers;
  answers.nodes.push_back({"director-1", "director-1:9440", test::s1_director("director-1", true)});
  answers.nodes.push_back({"real-server-2", "real-server-2:9440",
                           test::s1_real_server("real-server-2", "192.168.100.22")});
  const auto explanation = explain_from_agents(answers, "real-server-2").value();
  EXPECT_TRUE(explanation.is_serving());
  EXPECT_FALSE(explanation.services.at(0).directors.at(0).wanted);
  answers.nodes[0].state->services[0].destinations[1].config.weight = 0;
  const auto out = explain_from_agents(answers, "192.168.100.22").value();
  EXPECT_EQ(out.services.at(0).directors.at(0).state, "Unknown");
  EXPECT_THAT(out.next().front(), HasSubstr("--manifests"));
  EXPECT_FALSE(explain_from_agents(answers, "192.168.100.99"));
}

TEST(Explain, JsonHasWhatTheTableHas) {
  const std::string json = to_json(explained(test::s1_answers()));
  EXPECT_THAT(json, HasSubstr(R"("name": "shop/web-2",
  "node": "real-server-2",
  "addresses": [
    "192.168.100.22"
  ],
  "serving": true,
  "complete": true,)"));
  EXPECT_THAT(json, HasSubstr(R"("question": "same segment",
      "result": "Good",)"));
  EXPECT_THAT(json, Not(HasSubstr("null")));
}

// From a cluster.

ClusterObjects cluster(const RealServerStatus& status) {
  ClusterObjects objects;
  objects.snapshot = test::s1_snapshot();
  objects.virtual_services[{"shop", "web"}].holder_text = "director-1";
  for (const auto& [key, server] : objects.snapshot.real_servers) {
    objects.real_servers[key] = status;
  }
  return objects;
}

RealServerStatus status_in_cluster(const std::string& state, std::uint32_t weight) {
  RealServerStatus status;
  status.conditions = {{"Accepted", "True", "Accepted", "no rule is broken", 0, ""}};
  status.services = {{"web", 80, Protocol::kTcp, state, "Unknown", weight}};
  return status;
}

TEST(ExplainObjects, WhatTheOperatorWrote) {
  const auto served = explain_from_objects(cluster(status_in_cluster("Serving", 2)), "web-2");
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_EQ(exit_code_of(*served), kExitOk);
  EXPECT_THAT(to_text(*served, false), HasSubstr("director-1  holder  2       2"));
  auto status = status_in_cluster("Preparing", 0);
  status.conditions.push_back(
      {"Prepared", "False", "WrongArpSetting", "real-server-2: set all to 0", 0, ""});
  const auto out = explain_from_objects(cluster(status), "web-2").value();
  EXPECT_EQ(first_problem(out), "Prepared: WrongArpSetting: real-server-2: set all to 0");
  EXPECT_EQ(out.next(), (std::vector<std::string>{"real-server-2: set all to 0"}));
  EXPECT_EQ(exit_code_of(out), kExitNo);
}

TEST(ExplainObjects, WhatNobodyHasLookedAt) {
  const auto out = explain_from_objects(cluster({}), "web-2").value();
  EXPECT_EQ(first_problem(out), "operator: it has not looked at the RealServer yet");
}

}  // namespace
}  // namespace lvs::cli
