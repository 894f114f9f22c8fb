#include "http/listen_address.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

TEST(ListenAddress, EveryFormThatPeopleWrite) {
  EXPECT_EQ(parse_listen(":9440")->address, "::");
  EXPECT_EQ(parse_listen("192.0.2.1:9440")->port, 9440);
  EXPECT_EQ(parse_listen("[2001:db8::1]:1")->address, "2001:db8::1");
  for (const char* wrong : {"", "9440", "192.0.2.1", "2001:db8::1:9440", "[192.0.2.1]:1", "host:1",
                            "192.0.2.1:99999", "192.0.2.1:x"}) {
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace lvs
