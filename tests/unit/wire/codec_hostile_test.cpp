// Bytes from outside that are not what they should be: an error that names the place, never more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using testing::HasSubstr;

struct BadPlan {
  const char* name;
  const char* text;
  const char* says;
};

class RefusedPlan : public testing::TestWithParam<BadPlan> {};

TEST_P(RefusedPlan, NamesThePlace) {
  const auto plan = decode_plan(GetParam().text);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(plan.error().message, HasSubstr(GetParam().says));
}

#define LVS_HEAD R"("version":1,"node":"n","term":1)"
#define LVS_SERVICE(port, rest)                             \
  R"({"address":"192.0.2.1","protocol":"TCP","port":)" port \
  R"(,"virtualService":"a/b","drainTimeoutMs":0,"destinations":[)" rest "]}"

INSTANTIATE_TEST_SUITE_P(
    Wire, RefusedPlan,
    testing::Values(
        BadPlan{"Empty", "", "not JSON"}, BadPlan{"NotJson", "{]", "not JSON"},
        BadPlan{"Array", "[]", "must be an object"}, BadPlan{"Number", "1", "must be an object"},
        BadPlan{"Trailing", "{" LVS_HEAD "} x", "not JSON"},
        BadPlan{"NoVersion", R"({"node":"n","term":1})", "version: is missing"},
        BadPlan{"NewVersion", R"({"version":2,"node":"n","term":1})", "too far apart"},
        BadPlan{"NoNode", R"({"version":1,"term":1})", "node: must be text"},
        BadPlan{"Unknown", "{" LVS_HEAD R"(,"extra":1})", "\"extra\" is not known"},
        BadPlan{"UnknownList", "{" LVS_HEAD R"(,"extra":[1]})", "\"extra\" is not known"},
        BadPlan{"Null", "{" LVS_HEAD R"(,"vips":null})", "null is not allowed"},
        BadPlan{"Negative", R"({"version":1,"node":"n","term":-1})", "negative"},
        BadPlan{"Fraction", R"({"version":1,"node":"n","term":1.5})", "whole"},
        BadPlan{"Huge", R"({"version":1,"node":"n","term":18446744073709551616})",
                "parsing a number"},
        BadPlan{"TwiceOutside", "{" LVS_HEAD R"(,"term":2})", "\"term\" is there twice"},
        BadPlan{"TwiceInside",
                "{" LVS_HEAD R"(,"vips":[{"address":"192.0.2.1","address":"192.0.2.2"}]})",
                "vips[0]: \"address\" is there twice"},
        BadPlan{"SectionNotList", "{" LVS_HEAD R"(,"services":{}})", "services: must be a list"},
        BadPlan{"BadAddress", "{" LVS_HEAD R"(,"vips":[{"address":"192.0.2"}]})",
                "vips[0].address: must be an IP address"},
        BadPlan{"VipsUnsorted",
                "{" LVS_HEAD R"(,"vips":[{"address":"192.0.2.2"},{"address":"192.0.2.1"}]})",
                "vips[1]: must come after"},
        BadPlan{"VipTwice",
                "{" LVS_HEAD R"(,"vips":[{"address":"192.0.2.2"},{"address":"192.0.2.2"}]})",
                "vips[1]: must come after"},
        BadPlan{"WithdrawnWithoutSlash", "{" LVS_HEAD R"(,"withdrawn":["web"]})", "namespace/name"},
        BadPlan{"ServicesUnsorted",
                "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("2", "") "," LVS_SERVICE("1", "") "]}",
                "services[1]: must come after"},
        BadPlan{"PortTooLarge", "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("65536", "") "]}",
                "services[0].port"},
        BadPlan{"RowShort",
                "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", R"(["192.0.2.9",80])") "]}",
                "services[0].destinations[0]: must have 3"},
        BadPlan{"RowLong",
                "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", "[1,2,3,4,5,6,7,8,9]") "]}",
                "too many values"},
        BadPlan{"RowNested", "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", "[[1]]") "]}",
                "rows of plain"},
        BadPlan{"RowObject", "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", "{}") "]}",
                "rows of plain"},
        BadPlan{"RowScalar", "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", "1") "]}",
                "rows of plain"},
        BadPlan{"RowBool",
                "{" LVS_HEAD R"(,"services":[)" LVS_SERVICE("1", R"(["192.0.2.9",80,true])") "]}",
                "texts and numbers only"},
        BadPlan{"RowAdmission",
                "{" LVS_HEAD
                R"(,"services":[)" LVS_SERVICE("1", R"(["192.0.2.9",80,1,"maybe"])") "]}",
                "admit, hold or keep"},
        BadPlan{
            "RowsUnsorted",
            "{" LVS_HEAD
            R"(,"services":[)" LVS_SERVICE("1", R"(["192.0.2.9",80,1],["192.0.2.8",80,1])") "]}",
            "destinations[1]: must come after"},
        BadPlan{"Deep", "{" LVS_HEAD R"(,"vips":[{"a":[[[[[[[[[[1]]]]]]]]]]}]})",
                "nested too deeply"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(WireHostile, SizeIsBounded) {
  const std::string huge(std::size_t{33} << 20U, ' ');
  EXPECT_THAT(decode_plan(huge).error().message, HasSubstr("larger than"));
  EXPECT_FALSE(decode_patch(huge));
  EXPECT_FALSE(decode_status(huge));
  EXPECT_FALSE(decode_state(huge));
}

TEST(WireHostile, PatchesNameTheEdit) {
  const std::string head =
      R"({"version":1,"from":"00000000000000000000000000000000","to":"00000000000000000000000000000000","term":1,"edits":)";
  EXPECT_THAT(decode_patch(head + R"([{"edit":"flush"}]})").error().message,
              HasSubstr("patch: edits[0].edit: \"flush\" is not known"));
  EXPECT_THAT(decode_patch(head + R"([{"edit":"removeVip","address":"192.0.2.1","more":1}]})")
                  .error()
                  .message,
              HasSubstr("\"more\" is not known"));
  EXPECT_THAT(decode_patch(head + R"([7]})").error().message, HasSubstr("must be an object"));
  EXPECT_THAT(
      decode_patch(R"({"version":1,"from":"xyz","to":"0","term":1,"edits":[]})").error().message,
      HasSubstr("from: must be a hash"));
}

TEST(WireHostile, EveryTruncationIsRefused) {
  const auto text = encode(wire_samples::small_plan());
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(decode_plan(text.substr(0, n))) << n;
}

TEST(WireHostile, FlippedBytesNeverCrash) {
  std::mt19937 random(3);
  const auto plan = encode(wire_samples::small_plan());
  const auto status = encode(wire_samples::full_status());
  for (int i = 0; i < 20000; ++i) {
    auto bad_plan = plan;
    bad_plan[random() % bad_plan.size()] = static_cast<char>(random());
    if (const auto decoded = decode_plan(bad_plan)) (void)hash_of(*decoded);
    auto bad_status = status;
    bad_status[random() % bad_status.size()] = static_cast<char>(random());
    (void)decode_status(bad_status);
  }
}

}  // namespace
}  // namespace lvs
