#include "operator/sources/manifest_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string server(const std::string& name, int weight = 1) {
  return "apiVersion: lvs-operator.io/v1alpha1\nkind: RealServer\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: {address: 192.0.2.21, weight: " + std::to_string(weight) +
         "}\n";
}

FileReading file(const std::string& name, const std::string& text) {
  return {name, parse_manifest(text, name), {}};
}

std::uint32_t weight_of(const ManifestDecision& decision, const std::string& name) {
  const auto found = decision.objects.find({Kind::kRealServer, {"shop", name}});
  return found == decision.objects.end() ? 9999 : std::get<RealServer>(found->second).spec.weight;
}

class ManifestSetTest : public testing::Test {
 protected:
  const ManifestDecision& read(std::vector<FileReading> files, const std::string& trouble = "") {
    last = decide_manifests(set, {trouble, std::move(files)});
    set = last.set;
    return last;
  }
  ManifestSet set;
  ManifestDecision last;
};

TEST_F(ManifestSetTest, DeletingAFileDeletesItsObjects) {
  read({file("a.yaml", server("a")), file("b.yaml", server("b"))});
  EXPECT_EQ(last.objects.size(), 2U);
  read({file("b.yaml", server("b"))});
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_THAT(last.problems, IsEmpty());
}

TEST_F(ManifestSetTest, FileThatDoesNotParseKeepsItsObjectsAndSaysWhere) {
  read({file("a.yaml", server("a", 3) + "---\n" + server("b", 3))});
  read({file("a.yaml", server("a", 5) + "---\nkind: [\n")});
  EXPECT_EQ(weight_of(last, "a"), 5U) << "the good document counts";
  EXPECT_EQ(weight_of(last, "b"), 3U) << "the other stays";
  ASSERT_EQ(last.problems.size(), 1U);
  EXPECT_THAT(last.problems[0], HasSubstr("a.yaml:"));
  read({file("a.yaml", server("a", 5))});
  EXPECT_EQ(weight_of(last, "b"), 9999U) << "mended, the deletion counts";
}

TEST_F(ManifestSetTest, UnreadableFileKeepsItsObjects) {
  read({file("a.yaml", server("a"))});
  read({{"a.yaml", std::nullopt, "cannot be read: Permission denied"}});
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_THAT(last.problems[0], HasSubstr("Permission denied; its objects stay"));
  EXPECT_FALSE(last.has_unknown);
}

TEST_F(ManifestSetTest, ObjectThatBreaksARuleKeepsItsLastGoodVersion) {
  read({file("a.yaml", server("a", 3))});
  read({file("a.yaml", server("a", 70000))});
  EXPECT_EQ(weight_of(last, "a"), 3U);
  EXPECT_EQ(last.problems.size(), 1U);
}

TEST_F(ManifestSetTest, EmptiedFileDeletesNothing) {
  read({file("a.yaml", server("a"))});
  read({file("a.yaml", "")});
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_THAT(last.problems[0], HasSubstr("delete the file to delete them"));
  read({file("a.yaml", ""), file("b.yaml", server("b"))});
  EXPECT_EQ(last.objects.size(), 2U) << "still";
}

TEST_F(ManifestSetTest, EmptiedFolderDeletesNothing) {
  read({file("a.yaml", server("a"))});
  read({});
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_THAT(last.trouble, HasSubstr("nothing is deleted"));
  read({file("a.yaml", server("a", 7))});
  EXPECT_THAT(last.trouble, IsEmpty());
  EXPECT_EQ(weight_of(last, "a"), 7U);
}

TEST_F(ManifestSetTest, UnreadableFolderDeletesNothing) {
  read({file("a.yaml", server("a"))});
  read({}, "cannot be read: Input/output error");
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_THAT(last.trouble, HasSubstr("Input/output error"));
}

TEST_F(ManifestSetTest, FolderThatNeverHadAnythingIsSaid) {
  read({});
  EXPECT_THAT(last.trouble, HasSubstr("has no *.yaml or *.yml file"));
  EXPECT_FALSE(last.has_unknown);
}

TEST_F(ManifestSetTest, FirstFileByNameWins) {
  read({file("a.yaml", server("x", 1)), file("b.yaml", server("x", 2))});
  EXPECT_EQ(weight_of(last, "x"), 1U);
  ASSERT_EQ(last.problems.size(), 1U);
  EXPECT_THAT(last.problems[0], HasSubstr("is in a.yaml already"));
  read({file("b.yaml", server("x", 2))});
  EXPECT_EQ(weight_of(last, "x"), 2U);
}

TEST_F(ManifestSetTest, SameObjectTwiceInAFile) {
  read({file("a.yaml", server("x", 1) + "---\n" + server("x", 2))});
  EXPECT_EQ(weight_of(last, "x"), 1U);
  EXPECT_THAT(last.problems, ElementsAre(HasSubstr("is in this file twice")));
}

TEST_F(ManifestSetTest, RenamedFileChangesNothing) {
  read({file("a.yaml", server("x", 1))});
  const auto before = last.objects;
  read({file("z.yaml", server("x", 1))});
  EXPECT_EQ(last.objects.size(), 1U);
  EXPECT_EQ(meta_of(last.objects.begin()->second).generation,
            meta_of(before.begin()->second).generation);
}

TEST_F(ManifestSetTest, GenerationCountsChanges) {
  const auto generation = [this] { return meta_of(last.objects.begin()->second).generation; };
  read({file("a.yaml", server("x", 1))});
  EXPECT_EQ(generation(), 1);
  read({file("a.yaml", "# moved down\n\n" + server("x", 1))});
  EXPECT_EQ(generation(), 1);
  read({file("a.yaml", server("x", 2))});
  EXPECT_EQ(generation(), 2);
}

TEST_F(ManifestSetTest, WhatWasNeverGoodIsUnknown) {
  EXPECT_TRUE(read({file("a.yaml", "kind: [")}).has_unknown);
  set = {};
  EXPECT_TRUE(read({file("a.yaml", server("x", 70000))}).has_unknown);
  set = {};
  EXPECT_FALSE(read({file("a.yaml", server("x", 1))}).has_unknown);
}

}  // namespace
}  // namespace lvs
