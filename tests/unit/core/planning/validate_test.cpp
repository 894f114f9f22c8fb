// The rules are run case by case from tests/refused; here is what no file of it can show.
#include "core/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/names.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ValidateNode, AnAgentPortIsAPort) {
  Node node = testing::node("n-1", "192.0.2.7");
  for (const auto* good : {"1", "9440", "65535"}) {
    node.meta.annotations[kAgentPortAnnotation] = good;
    EXPECT_THAT(validate(node), IsEmpty()) << good;
  }
  for (const auto* bad : {"", "0", "65536", "-1", "http", "80 "}) {
    node.meta.annotations[kAgentPortAnnotation] = bad;
    EXPECT_THAT(validate(node), SizeIs(1)) << bad;
  }
}

TEST(Validate, AWeightThatTheKernelCannotHoldIsRefused) {
  EXPECT_THAT(validate(testing::real_server("rs", "web", "n-1", 65536)), SizeIs(1));
}

TEST(Validate, AnUpdateToAnotherKindIsNoUpdate) {
  EXPECT_THAT(validate_update(testing::node("a", "192.0.2.1"), testing::real_server("a", "b", "c")),
              IsEmpty());
}

TEST(Diagnostic, SaysWhereTheObjectWasRead) {
  auto server = testing::real_server("rs", "web", "");
  EXPECT_THAT(to_string(validate(server)[0]), ::testing::StartsWith("RealServer shop/rs: spec: "));
  server.meta.origin = "web.yaml:3";
  EXPECT_THAT(to_string(validate(server)[0]), ::testing::StartsWith("web.yaml:3: RealServer "));
}

TEST(Names, FollowTheSchemas) {
  EXPECT_TRUE(is_dns_label("smtp-in"));
  for (const auto* wrong : {"", "-a", "a-", "A", "a.b", "a_b"}) EXPECT_FALSE(is_dns_label(wrong));
  EXPECT_TRUE(is_dns_subdomain("node-1.example.org"));
  for (const auto* wrong : {"", ".", "a.", ".a", "a..b", "a.-b"}) {
    EXPECT_FALSE(is_dns_subdomain(wrong)) << wrong;
  }
  EXPECT_TRUE(is_label_value(""));
  EXPECT_TRUE(is_label_value("A_b.c-1"));
  for (const auto* wrong : {"-a", "a.", "a b"}) EXPECT_FALSE(is_label_value(wrong));
  EXPECT_TRUE(is_interface_name("eth0.100"));
  for (const auto* wrong : {"", ".", "..", "a/b", "a:b", "a b", "0123456789abcdef"}) {
    EXPECT_FALSE(is_interface_name(wrong)) << wrong;
  }
  EXPECT_TRUE(is_request_path("/health?x=1"));
  for (const auto* wrong : {"", "health", "/a b"}) EXPECT_FALSE(is_request_path(wrong)) << wrong;
}

}  // namespace
}  // namespace lvs
