#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/yaml.h"

namespace lvs {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kServer =
    "apiVersion: lvs-operator.io/v1alpha1\n"
    "kind: RealServer\n"
    "metadata: {name: rs-1, namespace: shop}\n"
    "spec: {nodeName: n-1}\n";
const std::string kNode = "apiVersion: v1\nkind: Node\nmetadata: {name: n-1}\n";

TEST(Manifest, SeveralDocumentsKnowTheirLines) {
  const auto parsed = parse_manifest(
      "# comment\n\n" + kServer + "---\n---\n# only a comment\n---\n" + kNode + "...\n",
      "web.yaml");
  EXPECT_THAT(parsed.problems, IsEmpty());
  ASSERT_THAT(parsed.resources, SizeIs(2));
  EXPECT_EQ(parsed.documents, 2U);
  EXPECT_EQ(meta_of(parsed.resources[0]).origin, "web.yaml:3");
  EXPECT_EQ(meta_of(parsed.resources[1]).origin, "web.yaml:11");
}

TEST(Manifest, AListIsTakenApart) {
  const auto parsed = parse_manifest(
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata: {name: a}\n"
      "- apiVersion: v1\n  kind: Node\n  metadata: {name: b}\n",
      "l.yaml");
  ASSERT_THAT(parsed.resources, SizeIs(2));
  EXPECT_EQ(meta_of(parsed.resources[1]).key.name, "b");
  EXPECT_EQ(meta_of(parsed.resources[1]).origin, "l.yaml:7");
}

TEST(Manifest, WithoutNamespaceItIsDefault) {
  const auto parsed = parse_manifest(
      "apiVersion: lvs-operator.io/v1alpha1\nkind: RealServer\nmetadata: {name: a}\n"
      "spec: {nodeName: n}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n, namespace: x}\n",
      "f");
  ASSERT_THAT(parsed.resources, SizeIs(2));
  EXPECT_EQ(meta_of(parsed.resources[0]).key.ns, "default");
  EXPECT_EQ(meta_of(parsed.resources[1]).key.ns, "");
}

TEST(Manifest, ADocumentThatDoesNotParseHarmsNoOther) {
  const auto parsed = parse_manifest("a: [1\n---\n" + kServer + "---\nb: {\n", "f.yaml");
  ASSERT_THAT(parsed.resources, SizeIs(1));
  ASSERT_THAT(parsed.problems, SizeIs(2));
  EXPECT_EQ(meta_of(parsed.resources[0]).origin, "f.yaml:3");
  EXPECT_THAT(parsed.problems[0].error.message, StartsWith("f.yaml:"));
}

// Found by fuzzing: yaml-cpp's LoadAll makes documents of the second without end.
TEST(Manifest, OtherEncodingsAreRefusedWhereTheyBegin) {
  EXPECT_EQ(yaml_to_json("a: gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x99\x82\n", "f").value(),
            "{\"a\":\"gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x99\x82\"}");
  for (const char* bad : {"\xfc", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"}) {
    const auto refused = yaml_to_json("a: 1\nb: " + std::string(bad) + "\n", "f");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "f:2: is not UTF-8; save the file as UTF-8");
  }
}

TEST(Manifest, WhatBelongsToNoDocumentIsAProblem) {
  for (const std::string bad : {"a: 1\n? b\n]\n", "\"a\". 'b'\n? c\n: d\n", "'a' b: c\n"}) {
    const auto parsed = parse_manifest(kServer + "---\n" + bad + "...\n" + kNode, "f.yaml");
    EXPECT_THAT(parsed.resources, SizeIs(2)) << bad;
    ASSERT_THAT(parsed.problems, SizeIs(1)) << bad;
    EXPECT_THAT(parsed.problems[0].error.message, StartsWith("f.yaml:")) << bad;
  }
}

TEST(Manifest, AProblemNamesTheLineOfTheField) {
  const auto parsed = parse_manifest(
      "---\n" + kServer + "---\napiVersion: lvs-operator.io/v1alpha1\nkind: VirtualService\n" +
          "metadata: {name: web}\nspec:\n  vips: [192.0.2.1]\n  ports:\n  - port: 80\n" +
          "  - port: 443\n    protocol: HTTP\n  realServerSelector: {matchLabels: {app: web}}\n",
      "f.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_EQ(parsed.problems[0].line, 15);
  EXPECT_THAT(parsed.problems[0].error.message,
              StartsWith("f.yaml:15: VirtualService web: spec.ports[1].protocol: "));
}

TEST(Manifest, OtherKindsAreAProblem) {
  const auto parsed =
      parse_manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", "pod.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_THAT(parsed.problems[0].error.message, HasSubstr("kind Pod of apiVersion v1"));
}

TEST(Manifest, BillionLaughsAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + last;
    text += "]\n";
  }
  const auto parsed = parse_manifest(text, "laughs.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_THAT(parsed.problems[0].error.message, HasSubstr("grows too large"));
}

TEST(Manifest, LongTextsByAliasAreRefused) {
  std::string text = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 2000; ++i) text += "*a, ";
  text += "x]\n";
  const auto parsed = parse_manifest(text, "f");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_THAT(parsed.problems[0].error.message, HasSubstr("grows too large"));
}

TEST(Manifest, DeepNestingIsRefused) {
  for (const std::size_t depth : {std::size_t{70}, std::size_t{100'000}}) {
    const auto parsed = parse_manifest(std::string(depth, '['), "deep.yaml");
    EXPECT_THAT(parsed.problems, SizeIs(1)) << depth;
  }
  const auto parsed =
      parse_manifest("a: " + std::string(70, '[') + std::string(70, ']'), "deep.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_THAT(parsed.problems[0].error.message, HasSubstr("deeper than 64"));
}

TEST(Manifest, TooMuchIsRefused) {
  const auto parsed = parse_manifest(std::string((std::size_t{32} << 20U) + 1, '#'), "big.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_THAT(parsed.problems[0].error.message, HasSubstr("larger than 32 MiB"));
}

TEST(Manifest, AnEmptyFileHasNothing) {
  for (const auto* text : {"", "\n", "---\n", "# nothing\n", "---\n...\n---\n"}) {
    const auto parsed = parse_manifest(text, "empty.yaml");
    EXPECT_THAT(parsed.problems, IsEmpty()) << text;
    EXPECT_EQ(parsed.documents, 0U) << text;
  }
}

TEST(Manifest, AListWithoutListIsAProblem) {
  const auto parsed = parse_manifest("apiVersion: v1\nkind: List\nitems: 7\n", "f.yaml");
  ASSERT_THAT(parsed.problems, SizeIs(1));
  EXPECT_EQ(parsed.problems[0].line, 3);
}

}  // namespace
}  // namespace lvs
