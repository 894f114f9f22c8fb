#include "http/line_splitter.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

using ::testing::ElementsAre;
using State = LineSplitter::State;

struct Splitting : ::testing::Test {
  std::vector<std::string> lines;
  std::size_t wanted = 100;
  LineHandler handler = [this](std::string_view line) {
    lines.emplace_back(line);
    return lines.size() < wanted;
  };
};

TEST_F(Splitting, AtEveryPlaceOfTheInput) {
  const std::string input = "one\ntwo\r\n\nthree";
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    lines.clear();
    LineSplitter splitter(handler, 100);
    EXPECT_EQ(splitter.feed(input.substr(0, cut)), State::kGoOn);
    EXPECT_EQ(splitter.feed(input.substr(cut)), State::kGoOn);
    EXPECT_THAT(lines, ElementsAre("one", "two", ""));
    splitter.finish();
    EXPECT_THAT(lines, ElementsAre("one", "two", "", "three"));
  }
}

TEST_F(Splitting, StopsWhenTheHandlerHasEnough) {
  wanted = 2;
  LineSplitter splitter(handler, 100);
  EXPECT_EQ(splitter.feed("1\n2\n3\n"), State::kEnded);
  EXPECT_THAT(lines, ElementsAre("1", "2"));
}

TEST_F(Splitting, ALineMayBeAsLongAsTheLimitAndNoLonger) {
  LineSplitter fits(handler, 5);
  EXPECT_EQ(fits.feed("12345\n"), State::kGoOn);
  LineSplitter whole(handler, 5);
  EXPECT_EQ(whole.feed("123456\n"), State::kTooLong);
  LineSplitter pieces(handler, 5);
  EXPECT_EQ(pieces.feed("123"), State::kGoOn);
  EXPECT_EQ(pieces.feed("456"), State::kTooLong);
}

}  // namespace
}  // namespace lvs
