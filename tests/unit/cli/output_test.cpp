#include <gtest/gtest.h>

#include "api/yaml.h"

namespace lvs {
namespace {

TEST(JsonToYaml, BlocksKeepTheOrderOfTheirKeys) {
  EXPECT_EQ(json_to_yaml(R"({"b": {"d": 1, "c": [1, 2]}, "a": [{"k": "v", "e": null}, []]})"),
            "b:\n"
            "  d: 1\n"
            "  c:\n"
            "  - 1\n"
            "  - 2\n"
            "a:\n"
            "- k: v\n"
            "  e: null\n"
            "- []\n");
}

TEST(JsonToYaml, TextThatCouldBeSomethingElseIsQuoted) {
  EXPECT_EQ(
      json_to_yaml(R"(["yes", "No", "1", "1.5", "", " a", "a: b", "#x", "null", "a b", "-"])"),
      "- \"yes\"\n- \"No\"\n- \"1\"\n- \"1.5\"\n- \"\"\n- \" a\"\n- \"a: b\"\n- \"#x\"\n"
      "- \"null\"\n- a b\n- \"-\"\n");
}

TEST(JsonToYaml, IsReadBackAsTheSameJson) {
  const std::string json =
      R"({"address":"192.168.100.100","list":[[1,2],{"a":"x\ny","b":true}],"time":"2026-01-31T08:15:00Z","utf":"ü"})";
  EXPECT_EQ(yaml_to_json(json_to_yaml(json), "test").value(), json);
}

TEST(JsonToYaml, AKeyOfAnyLengthIsReadBack) {
  const std::string key(1100, 'k');
  const auto json = R"([{")" + key + R"(":{"a":[1]}}])";
  EXPECT_EQ(yaml_to_json(json_to_yaml(json), "test").value(), json);
}

TEST(JsonToYaml, WhatIsNotJsonIsNothing) { EXPECT_EQ(json_to_yaml("{"), ""); }

}  // namespace
}  // namespace lvs
