#include "base/duration.h"

#include <ostream>

#include <gtest/gtest.h>

namespace lvs {
namespace {

struct Reading {
  const char* text;
  long milliseconds;
};

// For the name of the test.
std::ostream& operator<<(std::ostream& out, const Reading& reading) { return out << reading.text; }

class ReadsDuration : public testing::TestWithParam<Reading> {};

TEST_P(ReadsDuration, InMilliseconds) {
  const auto duration = parse_duration(GetParam().text);
  ASSERT_TRUE(duration.has_value()) << duration.error().message;
  EXPECT_EQ(duration->count(), GetParam().milliseconds);
}

INSTANTIATE_TEST_SUITE_P(Table, ReadsDuration,
                         testing::Values(Reading{"500ms", 500}, Reading{"60s", 60'000},
                                         Reading{"1m30s", 90'000}, Reading{"1.5h", 5'400'000},
                                         Reading{"1.005h", 3'618'000}, Reading{"0.25s", 250},
                                         Reading{"0", 0}, Reading{"0s", 0}));

class RefusesDuration : public testing::TestWithParam<const char*> {};

TEST_P(RefusesDuration, AndSaysWhatToWrite) {
  const auto duration = parse_duration(GetParam());
  ASSERT_FALSE(duration.has_value());
  EXPECT_NE(duration.error().message.find("write one like"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, RefusesDuration,
                         testing::Values("", "60", "s", "-1s", "1d", "1s ", "1..5s", "0.5ms",
                                         "99999999999h", "1 s", "1e3s"));

TEST(FormatDuration, IsReadBack) {
  for (const char* text : {"0s", "500ms", "1m30s", "1h", "2h1m", "1s1ms"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
}

}  // namespace
}  // namespace lvs
