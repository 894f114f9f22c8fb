#include "base/sorted_merge.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lvs {
namespace {

std::string walk(const std::map<int, char>& before, const std::map<int, char>& after) {
  std::string text;
  merge_sorted(before, after, &std::map<int, char>::value_type::first,
               [&](const auto* old, const auto* now) {
                 text += old == nullptr ? '-' : old->second;
                 text += now == nullptr ? '-' : now->second;
                 text += ' ';
               });
  return text;
}

TEST(SortedMerge, SaysOfEachKeyWhoHasIt) {
  EXPECT_EQ(walk({{1, 'a'}, {2, 'b'}, {5, 'e'}}, {{2, 'B'}, {3, 'C'}, {4, 'D'}}),
            "a- bB -C -D e- ");
  EXPECT_EQ(walk({}, {{1, 'A'}}), "-A ");
  EXPECT_EQ(walk({{1, 'a'}}, {}), "a- ");
  EXPECT_EQ(walk({}, {}), "");
}

}  // namespace
}  // namespace lvs
