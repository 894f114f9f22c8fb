// Who is let in, and what is reported of those who are not.

#include "tests/component/http/server_fixture.h"

namespace lvs::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Refused : public ServerTest {
 protected:
  void SetUp() override {
    start(options(), [this](ServerRequest request, Responder responder) {
      ++handled;
      echo(request, std::move(responder));
    });
  }

  void expect_refused(const std::string& reason) {
    const auto [peer, why] = refusals.first();
    EXPECT_THAT(peer, StartsWith("127.0.0.1:"));
    EXPECT_THAT(why, HasSubstr(reason));
    EXPECT_EQ(handled, 0);
  }

  // A whole request with this certificate: refused, and the client is told why by a TLS alert.
  void try_with(const PemPair& identity, const std::string& reason) {
    const auto response = client(client_options(identity))->send({});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kPermissionDenied) << response.error().message;
    EXPECT_THAT(response.error().message, HasSubstr("TLS alert from the server"));
    expect_refused(reason);
  }

  std::atomic<int> handled = 0;
};

TEST_F(Refused, NobodyWhenTheCertificateIsRight) {
  const auto response = client()->send({"GET", "/v1/state?x=1", {}, {}});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "GET /v1/state operator 0");
  EXPECT_EQ(header_or_empty(response->headers, "x-test"), "yes");
  EXPECT_EQ(refusals.count(), 0U);
}

TEST_F(Refused, WithoutCertificate) { try_with({}, "no client certificate"); }

TEST_F(Refused, FromAnotherAuthority) {
  const TestAuthority other;
  try_with(other.issue({"operator", {}, {}}), "client certificate of operator refused");
}

TEST_F(Refused, AnotherRole) {
  try_with(ca.issue({"node-2", {"node-2"}, {}}),
           "client certificate of node-2 refused: not an allowed client (operator)");
}

TEST_F(Refused, ExpiredOrNotYetValid) {
  using std::chrono::seconds;
  try_with(ca.issue({"operator", {}, {}, seconds(-7200), seconds(-3600)}),
           "certificate has expired");
}

TEST_F(Refused, ForServersOnly) {
  try_with(ca.issue({"operator",
                     {},
                     {},
                     std::chrono::seconds(-3600),
                     std::chrono::seconds(3600),
                     "serverAuth"}),
           "purpose");
}

TEST_F(Refused, AllowedByADnsNameToo) {
  const auto identity = ca.issue({"something", {"operator"}, {}});
  const auto response = client(client_options(identity))->send({});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "GET / operator 0");
}

TEST_F(Refused, PlainHttp) {
  RawClient raw(server->port());
  raw.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 400"));
  expect_refused("plain HTTP");
}

TEST_F(Refused, Garbage) {
  RawClient raw(server->port());
  raw.write(std::string(300, '\x5a'));
  raw.read_all();
  expect_refused("not TLS");
}

TEST_F(Refused, OldTlsVersions) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  EXPECT_EQ(SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION), 1);
  SSL_CTX_free(context);
  // A ClientHello that offers TLS 1.1 at most.
  const std::string hello("\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x02", 11);
  RawClient raw(server->port());
  raw.write(hello + std::string(32, 'r') + std::string("\x00\x00\x02\xc0\x09\x01\x00", 7));
  raw.read_all();
  expect_refused("unsupported protocol");
}

TEST_F(Refused, SilentClientsInTheHandshake) {
  auto with = options();
  with.handshake_timeout = Duration{100};
  start(std::move(with), echo);
  RawClient raw(server->port());
  EXPECT_EQ(raw.read_all(), "");
  expect_refused("no TLS handshake in time");
}

TEST_F(Refused, TheServerIsNotTheOneThatTheClientExpects) {
  auto wrong_name = client_options(operator_identity);
  wrong_name.server_name = "node-9";
  const auto response = client(wrong_name)->send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(handled, 0);

  auto other_ca = client_options(operator_identity);
  other_ca.ca.text = TestAuthority().certificate();
  const auto untrusted = client(other_ca)->send({});
  ASSERT_FALSE(untrusted);
  EXPECT_THAT(untrusted.error().message, HasSubstr("the server's certificate is refused"));
}

TEST_F(Refused, ByIpv6AsByIpv4) {
  auto with = options();
  with.tcp->address = "::1";
  start(std::move(with), [](const ServerRequest& request, Responder responder) {
    responder.respond({200, {}, request.peer_address});
  });
  const std::string url = "https://[::1]:" + std::to_string(server->port());
  const auto response = (*make_http_client(url, client_options(operator_identity)))->send({});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, StartsWith("[::1]:"));
  EXPECT_FALSE((*make_http_client(url, client_options({})))->send({}));
  EXPECT_THAT(refusals.first().first, StartsWith("[::1]:"));
}

TEST_F(Refused, TheNameMayDifferFromTheAddress) {
  auto by_name = client_options(operator_identity);
  by_name.server_name = "node-1";
  EXPECT_TRUE(client(by_name)->send({}));
}

}  // namespace
}  // namespace lvs::test
