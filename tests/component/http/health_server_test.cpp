// What a kubelet sees of a program that is well, that is not, and that hangs.
#include "http/health_server.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"
#include "tests/component/http/raw_client.h"

namespace lvs::test {
namespace {

class HealthServerTest : public ::testing::Test {
 protected:
  HttpResponse get(const std::string& path) {
    HttpRequest request;
    request.path_and_query = path;
    return make_http_client("http://127.0.0.1:" + std::to_string(server->port()), {})
        .value()
        ->send(request)
        .value();
  }

  static HealthQuestion answer(const std::string& problem) {
    return [problem](const HealthVerdict& verdict) { verdict(problem); };
  }

  std::unique_ptr<HttpServer> server;
};

TEST_F(HealthServerTest, AliveAndNotReady) {
  server = start_health_server({"127.0.0.1", 0, {}}, {answer(""), answer("still reading")}).value();
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "still reading\n");
  EXPECT_EQ(get("/metrics").status, 404);
}

TEST_F(HealthServerTest, AnAnswerMayComeLaterAndADroppedQuestionIsNo) {
  std::promise<HealthVerdict> asked;
  const HealthQuestion keep = [&asked](HealthVerdict verdict) {
    asked.set_value(std::move(verdict));
  };
  const HealthQuestion drop = [](const HealthVerdict&) {};
  server = start_health_server({"127.0.0.1", 0, {}}, {keep, drop}).value();
  EXPECT_EQ(get("/readyz").status, 500);
  RawClient raw(server->port());
  ASSERT_TRUE(raw.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  asked.get_future().get()("");
  EXPECT_THAT(raw.read_until("ok\n"), ::testing::HasSubstr("HTTP/1.1 200"));
}

TEST_F(HealthServerTest, NothingElseIsTaken) {
  server = start_health_server({"127.0.0.1", 0, {}}, {answer(""), answer("")}).value();
  RawClient post(server->port());
  ASSERT_TRUE(post.write("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(post.read_until("405"), ::testing::HasSubstr("405"));
  RawClient large(server->port());
  ASSERT_TRUE(large.write("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_THAT(large.read_until("413"), ::testing::HasSubstr("413"));
}

}  // namespace
}  // namespace lvs::test
