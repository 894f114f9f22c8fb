// SMTP checks of well and badly behaved servers.
#include "tests/component/agent/probing.h"

namespace lvs {
namespace {

using namespace probing;

// Sends the first text at once and each other one after a line of the client. What it was told is
// kept in `heard`.
Server::Serve talking(std::vector<std::string> texts, std::string* heard = nullptr) {
  return [texts = std::move(texts), heard](int client) {
    for (const std::string& text : texts) {
      if (::send(client, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
      char line[512];
      const auto length = ::recv(client, line, sizeof line, 0);
      if (length <= 0) return;
      if (heard != nullptr) heard->append(line, static_cast<std::size_t>(length));
    }
  };
}

class SmtpCheckTest : public Probing {};

TEST_F(SmtpCheckTest, ABannerAndAnAnswerToEhloAreHealthy) {
  std::string heard;
  {
    const Server server(talking(
        {"220-mail.example\r\n220 ready\r\n", "250-mail.example\r\n250 HELP\r\n", "221 bye\r\n"},
        &heard));
    expect_healthy(server.port(), check_of(SmtpCheck{"director.example"}));
  }
  EXPECT_TRUE(heard.starts_with("EHLO director.example\r\nQUIT\r\n")) << heard;
}

TEST_F(SmtpCheckTest, ABannerThatRefusesIsNamed) {
  const Server server(talking({"554 no service here\r\n"}));
  expect_unhealthy(server.port(), check_of(SmtpCheck{}),
                   "waiting for the banner: \"554 no service here\", expected 220");
}

TEST_F(SmtpCheckTest, AnAnswerToEhloThatRefusesIsNamed) {
  const Server server(talking({"220 ready\r\n", "502 what?\r\n"}));
  expect_unhealthy(server.port(), check_of(SmtpCheck{}),
                   "waiting for the answer to EHLO: \"502 what?\", expected 250");
}

TEST_F(SmtpCheckTest, WhoHasServedNeedsNoGoodEnd) {
  const Server server(talking({"220 ready\r\n", "250 hello\r\n"}));
  expect_healthy(server.port(), check_of(SmtpCheck{}));
}

TEST_F(SmtpCheckTest, AnotherProtocolIsNamed) {
  const Server server(talking({"SSH-2.0-OpenSSH_9.2\r\n"}));
  expect_unhealthy(server.port(), check_of(SmtpCheck{}),
                   "waiting for the banner: \"SSH-2.0-OpenSSH_9.2\", expected 220");
}

TEST_F(SmtpCheckTest, AServerThatWaitsForTheClientCostsItsTimeout) {
  const Server server([](int client) {
    char text[512];
    while (::recv(client, text, sizeof text, 0) > 0) {
    }
  });
  expect_unhealthy(server.port(), check_of(SmtpCheck{}, Duration{100}),
                   "no answer within 100 ms (waiting for the banner)");
}

TEST_F(SmtpCheckTest, AnEndlessLineIsCutOff) {
  const Server server([](int client) {
    const std::string piece(60'000, 'x');
    while (::send(client, piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  expect_unhealthy(server.port(), check_of(SmtpCheck{}),
                   "waiting for the banner: a line of the server is longer than 4 KiB");
}

TEST_F(SmtpCheckTest, ABannerOfEndlessLinesIsCutOff) {
  const Server server([](int client) {
    std::string piece;
    for (int i = 0; i < 1'000; ++i) piece += "220-more\r\n";
    while (::send(client, piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  expect_unhealthy(server.port(), check_of(SmtpCheck{}),
                   "waiting for the banner: \"220-more\", expected 220");
}

TEST_F(SmtpCheckTest, AServerThatHangsUpIsNamed) {
  const Server server([](int) {});
  const auto opinion = opinion_of(server.port(), check_of(SmtpCheck{}));
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
}

}  // namespace
}  // namespace lvs
