#include "core/failover_request.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

TEST(FailoverRequest, NamesTheVipTheTermAndMaybeTheDirector) {
  const auto requests = parse_failover_requests("192.0.2.1@4, 2001:db8::1@17=director-2");
  ASSERT_TRUE(requests) << requests.error().message;
  EXPECT_EQ(requests->at(ip("192.0.2.1")), (PlannedMove{4, ""}));
  EXPECT_EQ(requests->at(ip("2001:db8::1")), (PlannedMove{17, "director-2"}));
  EXPECT_EQ(to_text(*requests), "192.0.2.1@4,2001:db8::1@17=director-2");
}

TEST(FailoverRequest, WhatIsNoneSaysWhatToWrite) {
  for (const char* text : {"192.0.2.1", "web@4", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@-1",
                           "192.0.2.1@4x", "@4", ",", "192.0.2.1@99999999999999999999"}) {
    const auto requests = parse_failover_requests(text);
    ASSERT_FALSE(requests) << text;
    EXPECT_NE(requests.error().message.find("write VIP@TERM"), std::string::npos);
  }
}

TEST(FailoverRequest, NothingIsNoRequest) {
  EXPECT_TRUE(parse_failover_requests("").value().empty());
}

}  // namespace
}  // namespace lvs
