#include "http/message.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

TEST(Headers, NamesAreComparedWithoutRegardToCase) {
  HttpHeaders headers{{"Content-Type", "a"}};
  headers["content-type"] = "b";
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_EQ(header_or_empty(headers, "CONTENT-TYPE"), "b");
  EXPECT_EQ(header_or_empty(headers, "ETag"), "");
}

TEST(Url, EncodingLeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(url_encode("a-b_c.d~e"), "a-b_c.d~e");
  EXPECT_EQ(url_encode("lvs-operator.io/director=true, x&y+z"),
            "lvs-operator.io%2Fdirector%3Dtrue%2C%20x%26y%2Bz");
  EXPECT_EQ(url_encode("\xc3\xbc"), "%C3%BC");
}

TEST(Url, DecodingReversesEncoding) {
  std::string all;
  for (int i = 1; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(url_decode(url_encode(all)), all);
}

TEST(Url, BrokenEscapesAreKept) {
  EXPECT_EQ(url_decode("100%"), "100%");
  EXPECT_EQ(url_decode("%zz%4"), "%zz%4");
  EXPECT_EQ(url_decode("a+b"), "a+b");
}

TEST(Query, TheFirstOfEqualNamesWins) {
  const auto query = parse_query("after=17&after=18&name=a%20b&empty=&flag&&=x");
  EXPECT_EQ(query.at("after"), "17");
  EXPECT_EQ(query.at("name"), "a b");
  EXPECT_EQ(query.at("empty"), "");
  EXPECT_EQ(query.at("flag"), "");
  EXPECT_EQ(query.at(""), "x");
  EXPECT_TRUE(parse_query("").empty());
}

}  // namespace
}  // namespace lvs
