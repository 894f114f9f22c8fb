// Answers that never end, line by line.

#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/component/http/scripted_client.h"

namespace lvs::test {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

struct Lines {
  std::vector<std::string> all;
  LineHandler handler = [this](std::string_view line) {
    all.emplace_back(line);
    return true;
  };
};

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
