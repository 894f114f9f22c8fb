// The client against servers that misbehave in every way a network allows.

#include "http/client.h"

#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/component/http/scripted_server.h"

namespace lvs::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::unique_ptr<HttpClient> client_of(const ScriptedServer& server,
                                      HttpClientOptions options = {}) {
  auto made = make_http_client(server.url(), std::move(options));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

HttpRequest quick(std::string path = "/") {
  HttpRequest request;
  request.path_and_query = std::move(path);
  request.timeout = Duration{20'000};
  return request;
}

// For what ends within milliseconds on an idle machine.
constexpr auto kGenerous = 20s;

struct Lines {
  std::vector<std::string> all;
  LineHandler handler = [this](std::string_view line) {
    all.emplace_back(line);
    return true;
  };
};

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

TEST(HttpStream, LinesArriveAsTheyAreWritten) {
  std::promise<void> got_first;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header() + chunk("one\ntw"));
    got_first.get_future().wait_for(kGenerous);
    peer.write(chunk("o\r\n\nthr") + chunk("ee") + last_chunk());
  });
  std::vector<std::string> lines;
  int opened = 0;
  HttpRequest request = quick();
  request.on_open = [&] { ++opened; };
  const auto response = client_of(server)->stream(request, [&](std::string_view line) {
    lines.emplace_back(line);
    if (lines.size() == 1) got_first.set_value();
    return true;
  });
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(lines, ElementsAre("one", "two", "", "three"));
  EXPECT_EQ(opened, 1);
}

TEST(HttpStream, ACutStreamIsAnErrorAndItsHalfLineIsNotDelivered) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header() + chunk("whole\nhal"));
    std::this_thread::sleep_for(50ms);
  });
  Lines lines;
  const auto response = client_of(server)->stream(quick(), lines.handler);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(lines.all, ElementsAre("whole"));
}

TEST(HttpStream, StopEndsABlockedStreamAtOnce) {
  std::promise<void> opened;
  std::promise<bool> closed;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header());
    closed.set_value(peer.wait_for_close());
  });
  std::stop_source source;
  HttpRequest request = quick();
  request.timeout = Duration{60'000};
  request.stop = source.get_token();
  request.on_open = [&] { opened.set_value(); };
  const auto http = client_of(server);
  auto streaming = std::async(std::launch::async, [&] {
    return http->stream(request, [](std::string_view) { return true; });
  });
  opened.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  source.request_stop();
  EXPECT_FALSE(streaming.get());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kGenerous);
  EXPECT_TRUE(closed.get_future().get());  // the connection goes too
}

TEST(HttpStream, TheHandlerMayEndIt) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header() + chunk("1\n2\n3\n"));
    peer.wait_for_close();
  });
  int seen = 0;
  const auto response =
      client_of(server)->stream(quick(), [&](std::string_view) { return ++seen < 2; });
  EXPECT_TRUE(response);
  EXPECT_EQ(seen, 2);
}

TEST(HttpStream, SilenceBetweenLinesIsATimeoutButLinesKeepItAlive) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header());
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(500ms);
      peer.write(chunk("tick\n"));
    }
    peer.wait_for_close();
  });
  Lines lines;
  HttpRequest request = quick();
  request.timeout = Duration{3'000};
  const auto response = client_of(server)->stream(request, lines.handler);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(lines.all.size(), 8U);
}

TEST(HttpStream, ALineWithoutEndIsBounded) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(chunked_header());
    while (peer.write(chunk(std::string(1'000, 'x')))) {
    }
  });
  HttpClientOptions options;
  options.max_line_bytes = 10'000;
  Lines lines;
  const auto response = client_of(server, options)->stream(quick(), lines.handler);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(lines.all.empty());
}

TEST(HttpStream, ARefusalIsReturnedWhole) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.write(plain_response("{\"code\":410}", 410));
  });
  Lines lines;
  const auto response = client_of(server)->stream(quick(), lines.handler);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 410);
  EXPECT_EQ(response->body, "{\"code\":410}");
  EXPECT_TRUE(lines.all.empty());
}

}  // namespace
}  // namespace lvs::test
