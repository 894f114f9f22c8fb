#include "cli/sources.h"

#include <sstream>

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs::cli {
namespace {

struct World {
  std::ostringstream out;
  std::ostringstream err;
  std::map<std::string, std::string> variables;
  bool kubectl = false;

  Io io() {
    return {.out = out,
            .err = err,
            .colour = false,
            .kubectl = kubectl,
            .environment = [this](const std::string& name) { return variables[name]; }};
  }
};

TEST(Targets, AreReadAsPeopleWriteThem) {
  const auto endpoint = [](const char* text) { return parse_target(text).value().endpoint(); };
  EXPECT_EQ(endpoint("director-1"), "director-1:9440");
  EXPECT_EQ(endpoint("director-1:9441"), "director-1:9441");
  EXPECT_EQ(endpoint("192.0.2.1"), "192.0.2.1:9440");
  EXPECT_EQ(endpoint("2001:db8::1"), "[2001:db8::1]:9440");
  EXPECT_EQ(endpoint("[2001:db8::1]"), "[2001:db8::1]:9440");
  EXPECT_EQ(endpoint("[2001:db8::1]:9441"), "[2001:db8::1]:9441");
  EXPECT_EQ(endpoint("/run/a.sock"), "/run/a.sock");
  EXPECT_EQ(endpoint("unix:/run/a.sock"), "/run/a.sock");
}

TEST(Targets, NonsenseIsRefused) {
  for (const auto* text : {"", ":9440", "host:0", "host:99999", "host:http"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Targets, OfTheManifestsAreTheirDirectorsAndTheNodesOfRealServers) {
  auto snapshot = test::s1_snapshot();
  auto spare = std::make_shared<Node>();
  spare->meta.key.name = "spare";
  snapshot.nodes[spare->meta.key] = spare;
  std::vector<std::string> endpoints;
  for (const auto& target : targets_of(snapshot)) {
    endpoints.push_back(target.node + " " + target.endpoint());
  }
  EXPECT_EQ(endpoints, (std::vector<std::string>{
                           "director-1 192.168.100.10:9440", "director-2 192.168.100.11:9440",
                           "real-server-1 192.168.100.21:9440", "real-server-2 192.168.100.22:9440",
                           "real-server-3 192.168.100.23:9440"}));
}

TEST(Targets, ANodeThatIsNotThereIsATargetWithAProblem) {
  auto snapshot = test::s1_snapshot();
  snapshot.nodes.erase(ObjectKey{"", "real-server-2"});
  const auto targets = targets_of(snapshot);
  ASSERT_EQ(targets.size(), 5U);
  EXPECT_EQ(targets[3].problem,
            "no Node of this name is among the manifests; add it with its InternalIP");
}

TEST(Source, TheOptionWins) {
  World world;
  world.variables["LVS_MANIFESTS"] = "/etc/elsewhere";
  SourceOptions options;
  options.manifests = "/etc/here";
  const auto source = choose_source(options, world.io(), true).value();
  EXPECT_EQ(std::get<ManifestSource>(source.from).path, "/etc/here");
  EXPECT_EQ(source.timeout, Duration{5000});
}

TEST(Source, WithoutOptionsTheVariableThenTheLocalAgentThenTheKubeconfig) {
  World world;
  EXPECT_FALSE(choose_source({}, world.io(), false));
  world.variables["KUBECONFIG"] = "/root/.kube/config";
  EXPECT_TRUE(std::holds_alternative<KubeChoice>(choose_source({}, world.io(), false)->from));
  const auto local = choose_source({}, world.io(), true).value();
  EXPECT_EQ(std::get<AgentSource>(local.from).targets[0].endpoint(), kAgentSocket);
  world.variables["LVS_MANIFESTS"] = "/etc/here";
  EXPECT_TRUE(std::holds_alternative<ManifestSource>(choose_source({}, world.io(), true)->from));
}

TEST(Source, AsAKubectlPluginTheClusterIsAsked) {
  World world;
  world.kubectl = true;
  world.variables["LVS_MANIFESTS"] = "/etc/here";
  EXPECT_TRUE(std::holds_alternative<KubeChoice>(choose_source({}, world.io(), true)->from));
}

TEST(Source, TwoQuestionsAtOnceAreRefused) {
  World world;
  SourceOptions options;
  options.manifests = "/etc/here";
  options.agents = {"director-1"};
  EXPECT_FALSE(choose_source(options, world.io(), false));
}

TEST(Source, CertificatesComeFromOptionVariableOrTheirUsualPlace) {
  World world;
  world.variables["LVS_TLS_KEY"] = "/variable.key";
  SourceOptions options;
  options.agents = {"director-1"};
  options.tls.certificate_file = "/option.crt";
  const auto source = choose_source(options, world.io(), false).value();
  EXPECT_EQ(source.tls.certificate_file, "/option.crt");
  EXPECT_EQ(source.tls.key_file, "/variable.key");
  EXPECT_EQ(source.tls.ca_file, "/etc/lvs-operator/tls/ca.crt");
}

TEST(Source, CertificatesThatAreNotThereAreOneErrorForAllAgents) {
  const Source source{ManifestSource{}, {"/none.crt", "/none.key", "/none.ca"}, Duration{100}};
  Source agents = source;
  agents.from = AgentSource{{parse_target("director-1").value()}};
  const auto answers = gather_answers(agents);
  ASSERT_FALSE(answers);
  EXPECT_TRUE(answers.error().message.starts_with("/none.crt: cannot be read"));
}

TEST(Source, ATimeoutThatIsNoneIsRefused) {
  World world;
  SourceOptions options;
  options.agents = {"director-1"};
  options.timeout = "soon";
  const auto source = choose_source(options, world.io(), false);
  ASSERT_FALSE(source);
  EXPECT_TRUE(source.error().message.starts_with("--timeout: ")) << source.error().message;
}

}  // namespace
}  // namespace lvs::cli
