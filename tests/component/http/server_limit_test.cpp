// Bounds in every direction, long polls, rotation, and the orderly end.

#include <atomic>
#include <future>
#include <thread>

#include <sys/stat.h>

#include "tests/component/http/server_fixture.h"

namespace lvs::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class ServerLimits : public ServerTest {};

TEST_F(ServerLimits, BodiesAreTakenUpToTheLimitAndRefusedBeyond) {
  auto with = options();
  with.max_body_bytes = 1 << 20;
  start(std::move(with), echo);
  const auto http = client();
  const auto fits = http->send({"PUT", "/", {}, std::string(1 << 20, 'x')});
  ASSERT_TRUE(fits) << fits.error().message;
  EXPECT_EQ(fits->body, "PUT / operator 1048576");
  const auto too_large = http->send({"PUT", "/", {}, std::string((1 << 20) + 1, 'x')});
  ASSERT_TRUE(too_large) << too_large.error().message;
  EXPECT_EQ(too_large->status, 413);
  EXPECT_TRUE(http->send({}));  // and it lives
}

TEST_F(ServerLimits, ChunkedBodiesAreBoundedToo) {
  auto with = options();
  with.max_body_bytes = 10;
  start(std::move(with), echo);
  RawClient raw(server->port(), operator_identity);
  raw.write(
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n14\r\n01234567890123456789\r\n");
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerLimits, ExpectContinueIsAnswered) {
  start(options(), echo);
  RawClient raw(server->port(), operator_identity);
  raw.write("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(raw.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue"));
  raw.write("abc");
  EXPECT_THAT(raw.read_until("operator 3"), HasSubstr("PUT /a operator 3"));
}

TEST_F(ServerLimits, LongHeadersGet431) {
  start(options(), echo);
  RawClient raw(server->port(), operator_identity);
  raw.write("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(refusals.first().second, HasSubstr("header too large"));
}

TEST_F(ServerLimits, MalformedRequestsGet400) {
  start(options(), echo);
  for (const char* request :
       {"complete nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n", "PUT / HTTP/1.1\r\nContent-Length: minus\r\n\r\n",
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient raw(server->port(), operator_identity);
    ASSERT_TRUE(raw.connected());
    raw.write(request);
    EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 400")) << request;
  }
  EXPECT_THAT(refusals.first().first, StartsWith("127.0.0.1:"));
  EXPECT_TRUE(client()->send({}));
}

TEST_F(ServerLimits, SlowClientsAreCutAfterTheRequestTimeout) {
  auto with = options();
  with.request_timeout = Duration{1'000};
  start(std::move(with), echo);
  RawClient raw(server->port(), operator_identity);
  const auto begin = std::chrono::steady_clock::now();
  bool open = raw.write("GET / HTTP/1.1\r\n");
  while (open && std::chrono::steady_clock::now() - begin < 20s) {
    std::this_thread::sleep_for(50ms);
    open = raw.write("X") && refusals.count() == 0;
  }
  EXPECT_THAT(refusals.first().second, HasSubstr("too slow"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST_F(ServerLimits, IdleConnectionsAreClosedWithoutAReport) {
  auto with = options();
  with.idle_timeout = Duration{100};
  start(std::move(with), echo);
  RawClient raw(server->port(), operator_identity);
  raw.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(raw.read_all(), HasSubstr("GET / operator 0"));
  EXPECT_EQ(refusals.count(), 0U);
}

TEST_F(ServerLimits, TooManyConnectionsAreTurnedAway) {
  auto with = options();
  with.max_connections = 2;
  start(std::move(with), echo);
  const RawClient first(server->port(), operator_identity);
  const RawClient second(server->port(), operator_identity);
  const RawClient third(server->port(), operator_identity);
  EXPECT_TRUE(second.connected());
  EXPECT_FALSE(third.connected());
  EXPECT_THAT(refusals.first().second, HasSubstr("too many connections"));
}

TEST_F(ServerLimits, AKeptConnectionServesPipelinedRequests) {
  start(options(), echo);
  RawClient raw(server->port(), operator_identity);
  raw.write(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answers = raw.read_all();
  EXPECT_THAT(answers, HasSubstr("GET /1 operator 0"));
  EXPECT_THAT(answers, HasSubstr("GET /2 operator 0"));
}

TEST_F(ServerLimits, ALongPollIsAnsweredLaterFromAnotherThread) {
  std::promise<Responder> waiting;
  start(options(), [&](const ServerRequest& request, Responder responder) {
    if (request.path != "/poll") return echo(request, std::move(responder));
    waiting.set_value(std::move(responder));
  });
  const auto http = client();
  auto poll = std::async(std::launch::async, [&] { return http->send({"GET", "/poll", {}, {}}); });
  Responder responder = waiting.get_future().get();
  EXPECT_TRUE(http->send({}));  // others are served meanwhile
  responder.respond({200, {}, "at last"});
  responder.respond({500, {}, "only the first counts"});
  const auto response = poll.get();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "at last");
}

TEST_F(ServerLimits, UnansweredAndThrowingHandlersGive500) {
  start(options(), [](const ServerRequest& request, Responder responder) {
    if (request.path == "/throw") throw std::runtime_error("no");
    const Responder dropped = std::move(responder);
  });
  const auto http = client();
  for (const char* path : {"/throw", "/drop"}) {
    const auto response = http->send({"GET", path, {}, {}});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 500);
  }
}

TEST_F(ServerLimits, RotatedCertificatesServeTheNextConnection) {
  const auto with = options();
  start(with, echo);
  ASSERT_TRUE(client()->send({}));
  const TestAuthority new_ca("new-ca");
  const PemPair fresh = new_ca.issue({"node-1", {"node-1"}, {"127.0.0.1"}});
  folder.write("server.crt", fresh.certificate);  // half a rotation: the key does not fit
  EXPECT_TRUE(client()->send({}));
  EXPECT_THAT(tls_errors.first().second, HasSubstr("key does not belong to the certificate"));
  EXPECT_EQ(tls_errors.count(), 1U);
  folder.write("server.key", fresh.key);
  folder.write("ca.crt", new_ca.certificate());
  const auto old_identity = client()->send({});
  EXPECT_FALSE(old_identity);
  HttpClientOptions rotated = client_options(new_ca.issue({"operator", {}, {}}));
  rotated.ca.text = new_ca.certificate();
  const auto response = client(rotated)->send({});
  EXPECT_TRUE(response) << response.error().message;
}

TEST_F(ServerLimits, UnusableCertificatesAreAnErrorAtStart) {
  auto with = options();
  with.tcp->tls.key_file = folder.path("absent.key");
  const auto started = start_http_server(with, echo);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("absent.key: cannot be read"));
}

TEST_F(ServerLimits, StopLetsRequestsInWorkFinishAndEndsTheRest) {
  std::promise<Responder> waiting;
  start(options(), [&](const ServerRequest&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  const RawClient idle(server->port(), operator_identity);
  const auto http = client();
  auto poll = std::async(std::launch::async, [&] { return http->send({}); });
  Responder responder = waiting.get_future().get();
  std::thread later([&] {
    std::this_thread::sleep_for(50ms);
    responder.respond({200, {}, "finished"});
  });
  server->stop(Duration{5'000});
  later.join();
  const auto response = poll.get();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "finished");
}

TEST_F(ServerLimits, StopDoesNotWaitForAnAnswerThatNeverComes) {
  std::promise<Responder> waiting;
  start(options(), [&](const ServerRequest&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  const auto http = client();
  auto poll = std::async(std::launch::async, [&] { return http->send({}); });
  Responder kept = waiting.get_future().get();
  server->stop(Duration{50});
  EXPECT_FALSE(poll.get());
  server.reset();
  kept.respond({200, {}, "into the void"});
}

TEST_F(ServerLimits, AUnixSocketIsForItsOwnerOnlyAndReplacesAStaleOne) {
  ServerOptions with;
  with.unix_socket = folder.path("agent.sock");
  start(with, echo);
  struct stat info {};
  ASSERT_EQ(::stat(with.unix_socket.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto second = start_http_server(with, echo);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another process listens"));
  server->stop(Duration{0});
  EXPECT_NE(::stat(with.unix_socket.c_str(), &info), 0);
  start(with, echo);
}

TEST_F(ServerLimits, ManyClientsAtOnce) {
  start(options(), echo);
  const auto http = client();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const auto response = http->send({"PUT", "/", {}, std::string(10'000, 'x')});
        if (response && response->body == "PUT / operator 10000") ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

}  // namespace
}  // namespace lvs::test
