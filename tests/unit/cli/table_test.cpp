#include "cli/table.h"

#include <gtest/gtest.h>

namespace lvs::cli {
namespace {

TEST(TextTable, AlignsColumnsAndLeavesNoSpaceAtTheEnd) {
  TextTable table({"NAME", "WEIGHT"});
  table.add({"real-server-1", "3"});
  table.add({"r", ""});
  EXPECT_EQ(table.to_string(2, false),
            "  NAME           WEIGHT\n"
            "  real-server-1  3\n"
            "  r              -\n");
}

TEST(TextTable, ColourDoesNotMoveColumns) {
  TextTable table({"A", "B"});
  table.add({{"x", Tone::kGood}, "y"});
  EXPECT_EQ(table.to_string(0, true), "\033[1mA\033[0m  \033[1mB\033[0m\n\033[32mx\033[0m  y\n");
}

TEST(Words, AreCountedAndJoined) {
  EXPECT_EQ(counted(0, "file"), "0 files");
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a", "b"}), "a, b");
}

}  // namespace
}  // namespace lvs::cli
