#include "base/hash.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

ContentHash hash_of_texts(std::initializer_list<std::string_view> texts) {
  Hasher hasher;
  for (const auto text : texts) hasher.add_string(text);
  return hasher.finish();
}

TEST(ContentHash, TellsWhereOneFieldEnds) {
  EXPECT_NE(hash_of_texts({"ab", "c"}), hash_of_texts({"a", "bc"}));
  EXPECT_NE(hash_of_texts({"a", ""}), hash_of_texts({"a"}));
}

TEST(ContentHash, ASumDoesNotDependOnTheOrder) {
  const auto a = hash_of_texts({"a"});
  const auto b = hash_of_texts({"b"});
  ContentHash one = a;
  one += b;
  ContentHash other = b;
  other += a;
  EXPECT_EQ(one, other);
  one -= b;
  EXPECT_EQ(one, a);
}

TEST(ContentHash, TextIsReadBack) {
  const auto hash = hash_of_texts({"plan"});
  EXPECT_EQ(hash.to_string().size(), 32U);
  EXPECT_EQ(ContentHash::parse(hash.to_string()), hash);
}

TEST(ContentHash, RefusesWhatIsNoHash) {
  for (const char* text :
       {"", "12", "g0000000000000000000000000000000", "000000000000000000000000000000000",
        "-0000000000000000000000000000000"}) {
    EXPECT_FALSE(ContentHash::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace lvs
