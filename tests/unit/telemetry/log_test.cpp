#include "telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(LogText, LogfmtQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(render_log_text(LogFormat::kLogfmt, "plan stored",
                            {{"node", "director-1"}, {"edits", 3}, {"whole", false}, {"path", ""}}),
            "msg=\"plan stored\" node=director-1 edits=3 whole=false path=\"\"");
}

TEST(LogText, JsonKeepsTheTypes) {
  EXPECT_EQ(render_log_text(LogFormat::kJson, "x",
                            {{"text", "a\"b"}, {"count", std::size_t{7}}, {"seconds", 0.5}}),
            R"("msg":"x","text":"a\"b","count":7,"seconds":0.5)");
}

TEST(LogText, NothingFromOutsideForgesALine) {
  const std::string evil = "a\nlevel=error msg=forged \x1b[2J \xc2\x9b \xff = \\";
  const auto line = render_log_text(LogFormat::kLogfmt, "refused", {{"peer", evil}});
  EXPECT_EQ(
      line,
      "msg=refused peer=\"a\\nlevel=error msg=forged \\u001b[2J \\u009b \xef\xbf\xbd = \\\\\"");
  EXPECT_THAT(render_log_text(LogFormat::kJson, evil, {}), Not(HasSubstr("\n")));
}

TEST(LogText, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(render_log_text(LogFormat::kJson, "é€\xf0\x9f\x98\x80", {}),
            "\"msg\":\"é€\xf0\x9f\x98\x80\"");
  EXPECT_EQ(render_log_text(LogFormat::kJson, "\xed\xa0\x80", {}),  // a surrogate
            "\"msg\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(Log, WritesLevelsAtRunTime) {
  testing::internal::CaptureStderr();
  log_debug("not this one");
  log_info("braces {} stay", {{"n", 1}});
  set_log_level(LogLevel::kError);
  log_warning("nor this one");
  set_log_level(LogLevel::kInfo);
  set_log_format(LogFormat::kJson);
  log_error("in json");
  set_log_format(LogFormat::kLogfmt);
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text,
              ContainsRegex("^time=[0-9-]+T[0-9:.]+Z level=info msg=\"braces .. stay\" n=1\n"));
  EXPECT_THAT(text,
              ContainsRegex("\\{\"time\":\"[^\"]+\",\"level\":\"error\",\"msg\":\"in json\"\\}\n"));
  EXPECT_THAT(text, Not(HasSubstr("this one")));
}

TEST(Log, ParsesOptions) {
  EXPECT_EQ(parse_log_level("warning").value(), LogLevel::kWarning);
  EXPECT_THAT(parse_log_level("loud").error().message, HasSubstr("debug, info, warning or error"));
  EXPECT_EQ(parse_log_format("json").value(), LogFormat::kJson);
  EXPECT_FALSE(parse_log_format("xml"));
}

}  // namespace
}  // namespace lvs
