// HTTPS checks: who is trusted, and who is not.
#include <csignal>

#include <openssl/ssl.h>

#include "http/tls_context.h"
#include "tests/component/agent/probing.h"
#include "tests/component/http/test_pki.h"

namespace lvs {
namespace {

using namespace probing;
using test::PemPair;
using test::TemporaryFolder;
using test::TestAuthority;

// What a server does with each connection: a handshake, then one answer. `client_ca`: whose
// certificates it wants to see; empty: none.
Server::Serve answering_by_tls(const PemPair& own, const std::string& client_ca = "",
                               int newest = TLS1_3_VERSION) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  EXPECT_TRUE(tls::use_certificate(context.get(), own.certificate, own.key, "server"));
  SSL_CTX_set_max_proto_version(context.get(), newest);
  if (!client_ca.empty()) {
    EXPECT_TRUE(tls::trust_only(context.get(), client_ca, "clients"));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return [context](int client) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), client);
    if (SSL_accept(tls.get()) != 1) return;
    char question[4096];
    if (SSL_read(tls.get(), question, sizeof question) <= 0) return;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
  };
}

class HttpsCheckTest : public Probing {
 protected:
  HttpsCheckTest() {
    // A server that writes to a probe that has gone must not end the test.
    std::signal(SIGPIPE, SIG_IGN);
    files = folder.path("");
    folder.write("ca.pem", authority.certificate());
  }
  static TlsOptions trusting(const std::string& name, const std::string& ca) {
    TlsOptions options;
    options.server_name = name;
    options.ca_file = ca;
    return options;
  }
  static HttpCheck https(const TlsOptions& options) {
    HttpCheck check;
    check.tls = options;
    return check;
  }
  PemPair issue(const std::string& name) const { return authority.issue({"server", {name}, {}}); }

  TestAuthority authority;
  TemporaryFolder folder;
};

TEST_F(HttpsCheckTest, TheCertificateOfTheCaWithTheNameIsGood) {
  const Server server(answering_by_tls(issue("shop.example")));
  HttpCheck check = https(trusting("shop.example", "ca.pem"));
  check.body_contains = "ok";
  expect_healthy(server.port(), check_of(check));
}

TEST_F(HttpsCheckTest, TheHostIsTheNameWhereNoOtherIsGiven) {
  const Server server(answering_by_tls(issue("shop.example")));
  HttpCheck check = https(trusting("", "ca.pem"));
  check.host = "shop.example:8443";
  expect_healthy(server.port(), check_of(check));
}

TEST_F(HttpsCheckTest, WithoutANameTheCertificateHasTheAddress) {
  const Server server(answering_by_tls(authority.issue({"server", {}, {"127.0.0.1"}})));
  expect_healthy(server.port(), check_of(https(trusting("", "ca.pem"))));
}

TEST_F(HttpsCheckTest, AnotherNameIsRefused) {
  const Server server(answering_by_tls(issue("other.example")));
  expect_unhealthy(
      server.port(), check_of(https(trusting("shop.example", "ca.pem"))),
      "TLS: the server's certificate is refused: hostname mismatch, expected shop.example");
}

TEST_F(HttpsCheckTest, AnotherCaIsRefusedUnlessEverybodyIsTrusted) {
  const TestAuthority other("other-ca");
  const Server server(answering_by_tls(other.issue({"server", {"shop.example"}, {}})));
  const auto opinion =
      opinion_of(server.port(), check_of(https(trusting("shop.example", "ca.pem"))));
  EXPECT_TRUE(opinion.why.starts_with("TLS: the server's certificate is refused: ")) << opinion.why;
  TlsOptions everybody;
  everybody.insecure = true;
  expect_healthy(server.port(), check_of(https(everybody)));
}

TEST_F(HttpsCheckTest, AFileThatIsNotThereIsNamedAndReadWhenItComes) {
  const Server server(answering_by_tls(issue("shop.example")));
  const SystemClock clock;
  HealthRunner runner(
      clock, {1, files}, [this](const PoolHealthHeard& heard) { hear(heard); },
      [](const CheckedServer&, const ProbeResult&, Duration) {});
  runner.watch(kService,
               {{kLoopback, server.port(), check_of(https(trusting("shop.example", "late.pem")))}});
  const auto opinion = wait_until_known();
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
  EXPECT_NE(opinion.why.find("late.pem: cannot be read: No such file"), std::string::npos)
      << opinion.why;
  folder.write("late.pem", authority.certificate());
  EXPECT_EQ(wait_until_known().state, HealthState::kHealthy);
}

TEST_F(HttpsCheckTest, TheServerSeesTheClientCertificate) {
  const Server server(answering_by_tls(issue("shop.example"), authority.certificate()));
  TlsOptions options = trusting("shop.example", "ca.pem");
  EXPECT_EQ(opinion_of(server.port(), check_of(https(options))).state, HealthState::kUnhealthy);
  const PemPair own = authority.issue({"director", {}, {}});
  folder.write("check.pem", own.certificate);
  folder.write("check-key.pem", own.key);
  options.certificate_file = "check.pem";
  options.key_file = "check-key.pem";
  expect_healthy(server.port(), check_of(https(options)));
}

TEST_F(HttpsCheckTest, AnOlderVersionThanAskedForIsRefused) {
  const Server server(answering_by_tls(issue("shop.example"), "", TLS1_2_VERSION));
  TlsOptions options = trusting("shop.example", "ca.pem");
  expect_healthy(server.port(), check_of(https(options)));
  options.min_version = "1.3";
  const auto opinion = opinion_of(server.port(), check_of(https(options)));
  EXPECT_TRUE(opinion.why.starts_with("TLS: ")) << opinion.why;
}

TEST_F(HttpsCheckTest, NoTlsIsNamed) {
  const Server server(answering("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const auto opinion =
      opinion_of(server.port(), check_of(https(trusting("shop.example", "ca.pem"))));
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
  EXPECT_TRUE(opinion.why.starts_with("TLS: ")) << opinion.why;
}

TEST_F(HttpsCheckTest, AHandshakeThatNeverEndsCostsItsTimeout) {
  const Server server([](int client) {
    char text[4096];
    while (::recv(client, text, sizeof text, 0) > 0) {
    }
  });
  expect_unhealthy(server.port(),
                   check_of(https(trusting("shop.example", "ca.pem")), Duration{100}),
                   "no answer within 100 ms (TLS)");
}

}  // namespace
}  // namespace lvs
