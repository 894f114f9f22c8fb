// HTTP checks of well and badly behaved servers.
#include "tests/component/agent/probing.h"

namespace lvs {
namespace {

using namespace probing;

class HttpCheckTest : public Probing {};

HttpCheck looking_for(const std::string& text) {
  HttpCheck http;
  http.body_contains = text;
  return http;
}

TEST_F(HttpCheckTest, HttpIsHealthyWithAnExpectedStatus) {
  const Server server(answering("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{})).state, HealthState::kHealthy);
}

TEST_F(HttpCheckTest, AnotherStatusIsNamed) {
  const Server server(answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{})),
            (HealthOpinion{HealthState::kUnhealthy, "HTTP status 503, expected 200-299"}));
}

TEST_F(HttpCheckTest, AsksForThePathOnTheServersOwnAddress) {
  std::string question;
  const Server server([&question](int client) {
    char text[4096];
    const auto length = ::recv(client, text, sizeof text, 0);
    if (length > 0 && question.empty()) question.assign(text, static_cast<std::size_t>(length));
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
    ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  HttpCheck http;
  http.path = "/health?deep=1";
  expect_healthy(server.port(), check_of(http));
  EXPECT_EQ(question,
            "GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: lvs-agent\r\nConnection: close\r\n\r\n");
}

TEST_F(HttpCheckTest, AServerThatNeverAnswersCostsItsTimeout) {
  const Server server([](int client) {
    char text[4096];
    while (::recv(client, text, sizeof text, 0) > 0) {
    }
  });
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{}, Duration{50})),
            (HealthOpinion{HealthState::kUnhealthy, "no answer within 50 ms (reading)"}));
}

TEST_F(HttpCheckTest, AnEndlessHeaderIsCutOff) {
  const Server server(answering("HTTP/1.1 200 OK\r\nX: " + std::string(60'000, 'x'), 1'000));
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{})),
            (HealthOpinion{HealthState::kUnhealthy,
                           "reading: the header of the answer is longer than 16 KiB"}));
}

TEST_F(HttpCheckTest, AnEndlessBodyIsNotRead) {
  const Server server(answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(60'000, 'x'), 1'000));
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{})).state, HealthState::kHealthy);
}

TEST_F(HttpCheckTest, NoRoomIsMadeForABodyThatIsOnlyPromised) {
  const Server server(
      answering("HTTP/1.1 200 OK\r\nContent-Length: 4000000000000000000\r\n\r\nall is well"));
  EXPECT_EQ(opinion_of(server.port(), check_of(looking_for("is well"))).state,
            HealthState::kHealthy);
}

TEST_F(HttpCheckTest, AnotherProtocolIsNoAnswer) {
  const Server server(answering("220 mail.example ESMTP\r\n"));
  const auto opinion = opinion_of(server.port(), check_of(HttpCheck{}));
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
  EXPECT_TRUE(opinion.why.starts_with("reading: ")) << opinion.why;
}

TEST_F(HttpCheckTest, AConnectionThatIsClosedIsNoAnswer) {
  const Server server(answering("", 0));
  EXPECT_EQ(opinion_of(server.port(), check_of(HttpCheck{})),
            (HealthOpinion{HealthState::kUnhealthy,
                           "reading: the server closed the connection before it answered"}));
}

TEST_F(HttpCheckTest, AsksAsItIsTold) {
  std::string question;
  const Server server([&question](int client) {
    char text[4096];
    const auto length = ::recv(client, text, sizeof text, 0);
    if (length > 0 && question.empty()) question.assign(text, static_cast<std::size_t>(length));
    const std::string answer = "HTTP/1.0 301 Gone\r\nLocation: /b\r\n\r\n";
    ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  const HttpCheck http{"/a",  {{301, 301}}, "POST",      "shop.example:81", {{"X-Probe", "a b"}},
                       "1.0", "",           std::nullopt};
  expect_healthy(server.port(), check_of(http));
  EXPECT_EQ(question,
            "POST /a HTTP/1.0\r\nHost: shop.example:81\r\nUser-Agent: lvs-agent\r\n"
            "Connection: close\r\nContent-Length: 0\r\nX-Probe: a b\r\n\r\n");
}

TEST_F(HttpCheckTest, ARedirectIsNotFollowed) {
  const Server server(answering("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n"));
  expect_unhealthy(server.port(), check_of(HttpCheck{}),
                   "HTTP status 302, expected 200-299 (redirects are not followed)");
}

TEST_F(HttpCheckTest, ATextInTheBodyIsFoundAcrossPieces) {
  const Server server([](int client) {
    char text[4096];
    if (::recv(client, text, sizeof text, 0) <= 0) return;
    for (const std::string piece : {"HTTP/1.1 200 OK\r\n\r\nall is w", "e", "ll"}) {
      ::send(client, piece.data(), piece.size(), MSG_NOSIGNAL);
      ::usleep(2'000);
    }
  });
  expect_healthy(server.port(), check_of(looking_for("is well")));
}

TEST_F(HttpCheckTest, ATextThatIsNotInTheBodyIsNamed) {
  const Server server(answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"));
  expect_unhealthy(server.port(), check_of(looking_for("wells")),
                   "the text \"wells\" is not in the body of 4 bytes");
}

TEST_F(HttpCheckTest, AnEndlessBodyIsReadNoFurtherThanTheLimit) {
  const Server server(answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(60'000, 'x'), 100'000));
  expect_unhealthy(server.port(), check_of(looking_for("ok")),
                   "the text \"ok\" is not in the first 64 KiB of the body");
}

TEST_F(HttpCheckTest, ABodyInDripsCostsTheTimeout) {
  const Server server([](int client) {
    answering("HTTP/1.1 200 OK\r\n\r\n")(client);
    while (::send(client, "x", 1, MSG_NOSIGNAL) == 1) ::usleep(1'000);
  });
  expect_unhealthy(server.port(), check_of(looking_for("ok"), Duration{100}),
                   "no answer within 100 ms (reading the body)");
}

TEST_F(HttpCheckTest, AHeaderInDripsCostsTheTimeout) {
  const Server server([](int client) {
    while (::send(client, "H", 1, MSG_NOSIGNAL) == 1) ::usleep(1'000);
  });
  const auto opinion = opinion_of(server.port(), check_of(HttpCheck{}, Duration{100}));
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
}

}  // namespace
}  // namespace lvs
