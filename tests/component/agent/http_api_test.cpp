// The agent's HTTP interface over real TLS on loopback, with a loop on a thread of its own.
#include "agent/http_api.h"

#include <thread>

#include <gtest/gtest.h>

#include "http/unix_client.h"
#include "tests/component/agent/harness.h"
#include "tests/component/http/test_pki.h"
#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs::testing {
namespace {

class HttpApiTest : public ::testing::Test {
 protected:
  HttpApiTest() {
    machine.start_agent();
    const test::PemPair identity = ca.issue({"a", {"a"}, {"127.0.0.1"}});
    HttpApiOptions options;
    options.listen = {TcpListen{"127.0.0.1",
                                0,
                                {pki.write("tls.crt", identity.certificate),
                                 pki.write("tls.key", identity.key),
                                 pki.write("ca.crt", ca.certificate()),
                                 {kOperatorName, kAdminName}}}};
    options.unix_socket = pki.path("agent.sock");
    options.on_refused = [](const std::string&, const std::string&) {};
    api = HttpApi::start(options, [this](AgentMessage m) {
            machine.loop().post(std::move(m));
          }).value();
    loop = std::jthread([this] { machine.loop().run(); });
  }
  ~HttpApiTest() override {
    api.reset();
    machine.loop().post(StopRequested{});
  }

  std::unique_ptr<HttpClient> client_of(const std::string& name) {
    const test::PemPair identity = ca.issue({name, {}, {}});
    HttpClientOptions options;
    options.ca.text = ca.certificate();
    options.certificate.text = identity.certificate;
    options.key.text = identity.key;
    return make_http_client("https://127.0.0.1:" + std::to_string(api->ports().at(0)), options)
        .value();
  }

  static HttpResponse send(HttpClient& client, const std::string& method, const std::string& path,
                           const std::string& body = {}, HttpHeaders headers = {}) {
    HttpRequest request;
    request.method = method;
    request.path_and_query = path;
    request.body = body;
    request.headers = std::move(headers);
    return client.send(request).value();
  }

  test::TestAuthority ca;
  test::TemporaryFolder pki;
  Machine machine;
  std::unique_ptr<HttpApi> api;
  std::jthread loop;
};

TEST_F(HttpApiTest, TheOperatorsClientPutsPatchesAndReads) {
  const auto http = client_of(kOperatorName);
  AgentClient client(*http);
  const NodePlan plan = director_plan();
  EXPECT_EQ(client.put_plan(encode(plan)).value(), hash_of(plan));
  NodePlan next = plan;
  add_service(next, tcp("192.0.2.1", 81), "rr", {{"192.0.2.7", 1}});
  EXPECT_EQ(client.patch_plan(hash_of(plan), encode(patch_between(plan, next))).value(),
            hash_of(next));
  StatusAnswer answer = client.status(std::nullopt).value();
  while (answer.status.applied_plan != hash_of(next)) {
    answer = client.status(answer.revision).value();
  }
  EXPECT_EQ(client.state().value().services.size(), 2U);
  const auto again = client.patch_plan(hash_of(plan), encode(patch_between(plan, next)));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
}

TEST_F(HttpApiTest, TheAdministratorReadsAndMovesAndChangesNoPlan) {
  const auto http = client_of(kAdminName);
  EXPECT_EQ(send(*http, "GET", "/v1/status").status, 200);
  EXPECT_EQ(send(*http, "GET", "/v1/state").status, 200);
  EXPECT_EQ(send(*http, "PUT", "/v1/plan", encode(director_plan())).status, 403);
  EXPECT_EQ(send(*http, "PATCH", "/v1/plan", "{}").status, 403);
  EXPECT_EQ(send(*http, "PUT", "/v1/drain", R"({"drained":true})").status, 200);
  EXPECT_EQ(send(*http, "PUT", "/v1/drain", R"({"drained":"yes"})").status, 400);
  const auto elsewhere = send(*http, "POST", "/v1/moves", R"({"vip":"192.0.2.99","term":3})");
  EXPECT_EQ(elsewhere.status, 409);
  EXPECT_NE(elsewhere.body.find("does not hold 192.0.2.99 in term 3"), std::string::npos);
}

TEST_F(HttpApiTest, WrongRequestsGetTheirAnswerAndTheAgentLives) {
  const auto http = client_of(kOperatorName);
  const std::string hash = to_etag(hash_of(director_plan()));
  const PlanPatch patch = patch_between(director_plan(), NodePlan{director_plan()});
  EXPECT_EQ(send(*http, "GET", "/").status, 404);
  EXPECT_EQ(send(*http, "GET", "/v1/plan").status, 405);
  EXPECT_EQ(send(*http, "DELETE", "/v1/plan").status, 405);
  EXPECT_EQ(send(*http, "PUT", "/v1/status", "{}").status, 405);
  EXPECT_EQ(send(*http, "PUT", "/v1/plan", "").status, 400);
  EXPECT_EQ(send(*http, "PUT", "/v1/plan", "{\"node\":").status, 400);
  EXPECT_EQ(send(*http, "PUT", "/v1/plan", "[1,2]").status, 400);
  EXPECT_EQ(send(*http, "PATCH", "/v1/plan", encode(patch)).status, 400);
  EXPECT_EQ(send(*http, "PATCH", "/v1/plan", "{}", {{"If-Match", hash}}).status, 400);
  EXPECT_EQ(send(*http, "PATCH", "/v1/plan", encode(patch), {{"If-Match", hash}}).status, 412);
  EXPECT_EQ(send(*http, "GET", "/v1/status?after=never").status, 400);
  NodePlan other = director_plan();
  other.node = "b";
  EXPECT_EQ(send(*http, "PUT", "/v1/plan", encode(other)).status, 409);
  EXPECT_EQ(send(*http, "GET", "/healthz").status, 200);
}

// A plan on disk that the kernel does not follow yet: alive, and not ready.
TEST(AgentReadiness, ComesWhenTheKernelFollowsTheStoredPlan) {
  std::string not_ready = "nobody answered";
  const auto ask = [&not_ready](Machine& machine) {
    machine.loop().post(HealthAsked{[&](const std::string& problem) { not_ready = problem; }});
    machine.loop().turn();
    return not_ready;
  };
  Machine machine;
  machine.start_agent();
  EXPECT_EQ(ask(machine), "") << "without a plan there is nothing to follow";
  machine.put(director_plan());
  machine.stop_agent();
  machine.kernel.fail_next_dump({ErrorCode::kIo, "no answer"});
  machine.start_agent();
  EXPECT_EQ(ask(machine), "the kernel does not follow the stored plan yet");
  machine.pass(Duration{10'000});
  EXPECT_EQ(ask(machine), "");
}

TEST_F(HttpApiTest, OnTheMachineTheUnixSocketNeedsNoCertificate) {
  const auto http = make_unix_http_client(pki.path("agent.sock"));
  EXPECT_EQ(send(*http, "GET", "/v1/state").status, 200);
}

}  // namespace
}  // namespace lvs::testing
