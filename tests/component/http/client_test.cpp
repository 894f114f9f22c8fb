// The client against servers that misbehave in every way a network allows.

#include "http/client.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/component/http/scripted_client.h"

namespace lvs::test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(HttpClient, SendsWhatItIsTold) {
  std::string seen;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    seen = peer.read_request();
    peer.write(plain_response("one", 404));
  });
  HttpClientOptions options;
  options.bearer_token = [] { return Result<std::string>("secret"); };
  const auto http = client_of(server, options);
  HttpRequest request = quick("/a%20b?x=%2F&y=1");
  request.headers["Accept"] = "application/json";
  const auto response = http->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "one");
  EXPECT_EQ(response->status, 404);
  EXPECT_THAT(seen, HasSubstr("GET /a%20b?x=%2F&y=1 HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Authorization:Bearer secret\r\n"));
  EXPECT_THAT(seen, HasSubstr("Accept:application/json\r\n"));
}

TEST(HttpClient, KeepsTheConnection) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    for (int served = 1; !peer.read_request().empty(); ++served) {
      peer.write(plain_response(std::to_string(served)));
    }
  });
  const auto http = client_of(server);
  // The library takes a connection back a moment after the call that used it has ended.
  const auto deadline = std::chrono::steady_clock::now() + kGenerous;
  std::string served_here;
  while (served_here != "2" && std::chrono::steady_clock::now() < deadline) {
    const auto response = http->send(quick());
    ASSERT_TRUE(response) << response.error().message;
    served_here = response->body;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(served_here, "2");
}

TEST(HttpClient, SpeaksToAnIpv6Address) {
  std::string seen;
  ScriptedServer server(
      [&](ScriptedServer::Peer& peer) {
        seen = peer.read_request();
        peer.write(plain_response("six"));
      },
      "::1");
  const auto response = client_of(server)->send(quick());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "six");
  EXPECT_THAT(seen, HasSubstr("Host:::1\r\n"));  // the library verifies against this header
}

TEST(HttpClient, NobodyThereIsUnavailableAndNamesTheRequest) {
  std::string url;
  {
    ScriptedServer gone([](ScriptedServer::Peer&) {});
    url = gone.url();
  }
  const auto http = make_http_client(url, {});
  const auto response = (*http)->send(quick("/v1/plan"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("GET " + url + "/v1/plan: "));
}

// The sanitizer's leak check is told to overlook what the library's pool holds at exit
// (tests/support/lsan.supp); this looks at the same from the other side.
TEST(HttpClient, FailedCallsLeaveNothingBehind) {
  constexpr int kCalls = 400;
  const auto made = make_http_client("http://127.0.0.1:1", {});
  ASSERT_TRUE(made);
  const auto fail_often = [&] {
    for (int i = 0; i < kCalls; ++i) EXPECT_FALSE((*made)->send(quick()));
  };
  fail_often();
  const std::size_t before = mallinfo2().uordblks;
  fail_often();
  const auto grown = [&] {
    const std::size_t after = mallinfo2().uordblks;
    return after > before ? after - before : 0;
  };
  // A task and its state are some hundred bytes; the last call's may still be on their way out.
  const auto deadline = std::chrono::steady_clock::now() + kGenerous;
  while (grown() > kCalls * 50 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_LE(grown(), kCalls * 50U);
}

TEST(HttpClient, UnusableUrlsAndOptionsAreSaidAtOnce) {
  for (const char* url :
       {"", "10.0.0.1:6443", "ftp://x", "https://", "https://[::1]", "https://[::1"}) {
    const auto made = make_http_client(url, {});
    ASSERT_FALSE(made) << url;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  }
  HttpClientOptions options;
  options.ca.file = "/nonexistent/ca.crt";
  const auto made = make_http_client("https://10.0.0.1:6443", options);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("CA /nonexistent/ca.crt: cannot be read"));
}

TEST(HttpClient, SilenceIsATimeout) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.wait_for_close(); });
  HttpRequest request = quick();
  request.timeout = Duration{100};
  const auto begin = std::chrono::steady_clock::now();
  const auto response = client_of(server)->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kGenerous);
}

TEST(HttpClient, ATrickleDoesNotExtendTheTimeoutOfACall) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (peer.write("x")) std::this_thread::sleep_for(20ms);
  });
  HttpRequest request = quick();
  request.timeout = Duration{200};
  const auto response = client_of(server)->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
}

TEST(HttpClient, ACutAnswerIsAnError) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort");
  });
  const auto response = client_of(server)->send(quick());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClient, AnAnswerBeyondTheLimitIsRefused) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(plain_response(std::string(100'000, 'x')));
    peer.wait_for_close();
  });
  HttpClientOptions options;
  options.max_response_bytes = 50'000;
  const auto response = client_of(server, options)->send(quick());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kCorrupt);
}

TEST(HttpClient, AConnectionClosedWhileKeptIsReplaced) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(plain_response("once"));
  });
  const auto http = client_of(server);
  for (int i = 0; i < 5; ++i) {
    const auto response = http->send(quick());
    ASSERT_TRUE(response) << response.error().message;
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace
}  // namespace lvs::test
