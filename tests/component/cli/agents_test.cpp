// lvsctl against listening agents: TLS, sockets, silence; the whole program in-process.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/command.h"
#include "fake_agent.h"

namespace lvs::cli {
namespace {

namespace fs = std::filesystem;
using test::Certificates;
using test::FakeAgent;

const IpAddress kVip = IpAddress::parse("192.168.100.100").value();

NodeState director(const std::string& node, bool holder) {
  NodeState state;
  state.status.node = node;
  state.status.agent_version = "0.1.0";
  state.status.has_plan = true;
  state.status.vips.push_back({kVip, "eth0", holder, holder, 1, "", ""});
  ObservedService service;
  service.key = {kVip, Protocol::kTcp, 80, 0};
  service.config.scheduler = "rr";
  service.owned = true;
  ObservedDestination destination;
  destination.key = {IpAddress::parse("192.168.100.21").value(), 80};
  service.destinations.push_back(destination);
  state.services.push_back(service);
  return state;
}

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class Agents : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificates_ = std::make_unique<Certificates>(
        std::vector<std::string>{"director-1,127.0.0.1", "director-2,127.0.0.1"});
    others_ = std::make_unique<Certificates>(std::vector<std::string>{"director-1,127.0.0.1"});
  }
  static void TearDownTestSuite() {
    certificates_.reset();
    others_.reset();
  }
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) /
        ("agents-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static const Certificates& certificates() { return *certificates_; }
  static const Certificates& certificates_of_others() { return *others_; }
  [[nodiscard]] std::string path(const std::string& name = "") const { return folder_ / name; }

  // Two directors on this machine, and a real server that prepares itself.
  void write_manifests(int first_port, int second_port) const {
    std::ofstream file(folder_ / "all.yaml");
    const auto node = [&file](const char* name, int port) {
      file << "apiVersion: v1\nkind: Node\nmetadata:\n  name: " << name
           << "\n  labels: {lvs-operator.io/director: \"true\"}\n"
           << "  annotations: {lvs-operator.io/agent-port: \"" << port << "\"}\n"
           << "status: {addresses: [{type: InternalIP, address: 127.0.0.1}]}\n---\n";
    };
    node("director-1", first_port);
    node("director-2", second_port);
    file << "apiVersion: lvs-operator.io/v1alpha1\nkind: VirtualService\n"
            "metadata: {name: web, namespace: shop}\nspec:\n  vips: [192.168.100.100]\n"
            "  ports: [{port: 80}]\n  scheduler: {name: rr}\n"
            "  realServerSelector: {matchLabels: {app: web}}\n---\n"
            "apiVersion: lvs-operator.io/v1alpha1\nkind: RealServer\n"
            "metadata: {name: web-1, namespace: shop, labels: {app: web}}\n"
            "spec: {address: 192.168.100.21}\n";
  }

  void drain_in_manifest() const {
    std::ifstream before(folder_ / "all.yaml");
    std::string text{std::istreambuf_iterator<char>(before), {}};
    const std::string spec = "{address: 192.168.100.21";
    text.replace(text.find(spec), spec.size(), spec + ", drain: true");
    std::ofstream(folder_ / "all.yaml") << text;
  }

  static Outcome call(std::vector<std::string> arguments,
                      const Certificates& identity = certificates()) {
    std::ostringstream out;
    std::ostringstream err;
    std::map<std::string, std::string> variables{
        {"LVS_TLS_CERT", identity.file("admin", "tls.crt")},
        {"LVS_TLS_KEY", identity.file("admin", "tls.key")},
        {"LVS_TLS_CA", identity.file("admin", "ca.crt")}};
    Io io{.out = out,
          .err = err,
          .colour = false,
          .kubectl = false,
          .environment = [&variables](const std::string& name) { return variables[name]; }};
    const int code = run(arguments, io);
    return {code, out.str(), err.str()};
  }

 private:
  static inline std::unique_ptr<Certificates> certificates_;
  static inline std::unique_ptr<Certificates> others_;
  fs::path folder_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Agents, AllOfTheManifestsAreAsked) {
  FakeAgent first(certificates(), "director-1", director("director-1", true));
  FakeAgent second(certificates(), "director-2", director("director-2", false));
  write_manifests(first.port(), second.port());
  const auto outcome = call({"status", "--manifests", path()});
  EXPECT_TRUE(outcome.code == kExitOk || outcome.code == kExitNo) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "192.168.100.100  director-1  present")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "web-1")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "itself")) << outcome.out;
}

TEST_F(Agents, OneThatIsDownIsSaidAndTheOtherIsShown) {
  FakeAgent first(certificates(), "director-1", director("director-1", true));
  write_manifests(first.port(), 1);
  const auto outcome = call({"status", "--manifests", path()});
  EXPECT_EQ(outcome.code, kExitUnreachable);
  EXPECT_TRUE(contains(outcome.out, "director-2  director  127.0.0.1:1")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "unreachable")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "192.168.100.100  director-1  present")) << outcome.out;
}

// One after the other they would take 16 s; the bound leaves room for a busy machine.
TEST_F(Agents, SilentOnesCostOneTimeoutTogether) {
  FakeAgent agent(certificates(), "director-1", director("director-1", true));
  agent.fall_silent();
  std::vector<std::string> arguments{"diff", "--timeout", "2s"};
  for (int i = 0; i < 8; ++i) {
    arguments.insert(arguments.end(), {"--agent", "127.0.0.1:" + std::to_string(agent.port())});
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(call(arguments).code, kExitUnreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(12));
}

TEST_F(Agents, OneOfAnotherCaIsNotBelieved) {
  FakeAgent agent(certificates_of_others(), "director-1", director("director-1", true));
  const auto outcome = call({"status", "--agent", "127.0.0.1:" + std::to_string(agent.port())});
  EXPECT_EQ(outcome.code, kExitUnreachable);
  EXPECT_FALSE(contains(outcome.out, "192.168.100.100")) << outcome.out;
}

TEST_F(Agents, OneWithTheCertificateOfAnotherNodeIsNotBelieved) {
  FakeAgent first(certificates(), "director-2", director("director-1", true));
  FakeAgent second(certificates(), "director-2", director("director-2", true));
  write_manifests(first.port(), second.port());
  const auto outcome = call({"status", "--manifests", path()});
  EXPECT_EQ(outcome.code, kExitUnreachable);
  EXPECT_TRUE(contains(outcome.out, "192.168.100.100  director-2  present")) << outcome.out;
}

TEST_F(Agents, OurOwnCertificateOfAnotherCaIsRefused) {
  FakeAgent agent(certificates(), "director-1", director("director-1", true));
  const auto outcome = call({"status", "--agent", "127.0.0.1:" + std::to_string(agent.port())},
                            certificates_of_others());
  EXPECT_EQ(outcome.code, kExitUnreachable);
}

TEST_F(Agents, ARealServerIsDrainedByItsManifestAndWatchedUntilItIsEmpty) {
  auto state = director("director-1", true);
  state.services[0].destinations[0].config.weight = 0;
  FakeAgent first(certificates(), "director-1", state);
  FakeAgent second(certificates(), "director-2", director("director-2", false));
  write_manifests(first.port(), second.port());
  auto outcome = call({"drain", "web-1", "--manifests", path()});
  EXPECT_EQ(outcome.code, kExitNo);
  EXPECT_TRUE(contains(outcome.err, "Set `drain: true` under spec of RealServer shop/web-1 ("))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "all.yaml:")) << outcome.err;
  drain_in_manifest();
  outcome = call({"drain", "web-1", "--manifests", path()});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(outcome.out, "draining shop/web-1\nshop/web-1 is drained: no connection is left\n");
  outcome = call({"drain", "--server", "director-1", "--manifests", path()});
  EXPECT_EQ(outcome.code, kExitError);
  EXPECT_TRUE(contains(outcome.err, "there is no RealServer director-1")) << outcome.err;
}

TEST_F(Agents, AServerWithConnectionsIsNotDrained) {
  auto state = director("director-1", true);
  state.services[0].destinations[0].config.weight = 0;
  state.services[0].destinations[0].connections = {12, 30, 0};
  FakeAgent first(certificates(), "director-1", state);
  FakeAgent second(certificates(), "director-2", director("director-2", false));
  write_manifests(first.port(), second.port());
  drain_in_manifest();
  const auto outcome = call({"drain", "shop/web-1", "--manifests", path(), "--wait", "100ms"});
  EXPECT_EQ(outcome.code, kExitNo);
  EXPECT_TRUE(contains(outcome.out, "12 active and 30 inactive connections are left"))
      << outcome.out;
  EXPECT_TRUE(contains(outcome.err, "it stays drained")) << outcome.err;
}

TEST_F(Agents, OnTheMachineTheSocketIsEnough) {
  FakeAgent agent(path("agent.sock"), director("director-1", true));
  const auto outcome = call({"status", "--agent", path("agent.sock")});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "192.168.100.100  director-1  present")) << outcome.out;
}

TEST_F(Agents, DiffExitsOneWhenThereIsSomethingToDo) {
  auto state = director("director-1", true);
  FakeAgent agent(path("right.sock"), state);
  EXPECT_EQ(call({"diff", "--agent", path("right.sock")}).code, kExitOk);
  state.pending = {"-D -t 192.168.100.100:25"};
  FakeAgent other(path("wrong.sock"), state);
  const auto outcome = call({"diff", "--agent", path("wrong.sock")});
  EXPECT_EQ(outcome.code, kExitNo);
  EXPECT_EQ(outcome.out, "director-1: 1 operation pending\n  -D -t 192.168.100.100:25\n");
}

TEST_F(Agents, AnAnswerThatIsNotOneIsAnErrorWithItsText) {
  FakeAgent agent(path("agent.sock"), director("director-1", true));
  agent.answer_with(403, "lvs-admin may only read");
  auto outcome = call({"diff", "--agent", path("agent.sock")});
  EXPECT_EQ(outcome.code, kExitUnreachable);
  EXPECT_TRUE(contains(outcome.out, "answered 403: lvs-admin may only read")) << outcome.out;
  agent.answer_with(200, "{}");
  EXPECT_EQ(call({"diff", "--agent", path("agent.sock")}).code, kExitUnreachable);
}

TEST_F(Agents, ASocketThatNobodyListensOnIsUnreachable) {
  EXPECT_EQ(call({"diff", "--agent", path("none.sock")}).code, kExitUnreachable);
  EXPECT_EQ(call({"diff", "--agent", "/" + std::string(200, 'x')}).code, kExitUnreachable);
}

}  // namespace
}  // namespace lvs::cli
