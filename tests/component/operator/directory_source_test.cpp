// A real folder and real inotify.
#include "operator/sources/directory_source.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "eventually.h"

namespace lvs {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string server(const std::string& name, int weight) {
  return "apiVersion: lvs-operator.io/v1alpha1\nkind: RealServer\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: {address: 192.0.2.21, weight: " + std::to_string(weight) +
         "}\n";
}

class DirectorySourceTest : public testing::Test {
 protected:
  DirectorySourceTest() {
    std::string pattern = (fs::temp_directory_path() / "lvs-directory-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    folder = root_ / "manifests";
    fs::create_directory(folder);
  }
  ~DirectorySourceTest() override {
    source_.reset();
    fs::remove_all(root_);
  }

  void start(Duration settle_deletion = Duration(20)) {
    source_ = std::make_unique<DirectorySource>(
        folder.string(), [this](OperatorEvent event) { take(std::move(event)); },
        DirectoryPace{Duration(20), Duration(200), settle_deletion});
  }
  void take(OperatorEvent event) {
    const std::lock_guard lock(mutex_);
    if (const auto* trouble = std::get_if<Trouble>(&event)) trouble_ = trouble->message;
    if (const auto* problems = std::get_if<Problems>(&event)) problems_ = problems->texts;
    auto* together = std::get_if<ListedTogether>(&event);
    if (together == nullptr) return;
    ++lists_;
    weights_.clear();
    for (const auto& listed : together->lists) {
      for (const auto& object : listed.objects) {
        const auto* real_server = std::get_if<RealServer>(&object);
        if (real_server != nullptr) {
          weights_[real_server->meta.key.name] = real_server->spec.weight;
        }
      }
    }
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
  }
  // As editors do.
  void replace(const std::string& name, const std::string& text) {
    std::ofstream(folder / ("." + name + ".tmp")) << text;
    fs::rename(folder / ("." + name + ".tmp"), folder / name);
  }
  using Weights = std::map<std::string, std::uint32_t>;
  [[nodiscard]] Weights weights() {
    const std::lock_guard lock(mutex_);
    return weights_;
  }
  [[nodiscard]] std::string trouble() {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  [[nodiscard]] std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }
  [[nodiscard]] int lists() {
    const std::lock_guard lock(mutex_);
    return lists_;
  }
  [[nodiscard]] bool becomes(const Weights& expected) {
    return eventually([&] { return weights() == expected; });
  }

  fs::path folder;

 private:
  fs::path root_;
  std::mutex mutex_;
  Weights weights_;
  std::string trouble_;
  std::vector<std::string> problems_;
  int lists_ = 0;
  std::unique_ptr<DirectorySource> source_;
};

TEST_F(DirectorySourceTest, FollowsWritesRenamesAndDeletions) {
  write("a.yaml", server("a", 1));
  write("b.yml", server("b", 2));
  write("notes.txt", "not a manifest");
  start();
  ASSERT_TRUE(becomes({{"a", 1}, {"b", 2}}));
  write("a.yaml", server("a", 3));
  ASSERT_TRUE(becomes({{"a", 3}, {"b", 2}}));
  replace("a.yaml", server("a", 4));
  ASSERT_TRUE(becomes({{"a", 4}, {"b", 2}}));
  fs::remove(folder / "b.yml");
  ASSERT_TRUE(becomes({{"a", 4}}));
}

TEST_F(DirectorySourceTest, BrokenFileKeepsItsObjects) {
  write("a.yaml", server("a", 1));
  start();
  ASSERT_TRUE(becomes({{"a", 1}}));
  write("a.yaml", "kind: [\n");
  ASSERT_TRUE(eventually([&] { return !problems().empty(); }));
  EXPECT_THAT(problems()[0], HasSubstr("a.yaml:"));
  EXPECT_EQ(weights(), (Weights{{"a", 1}}));
  write("a.yaml", server("a", 2));
  ASSERT_TRUE(becomes({{"a", 2}}));
  EXPECT_TRUE(problems().empty());
}

TEST_F(DirectorySourceTest, EmptiedOrRemovedFolderDeletesNothingAndComesBack) {
  write("a.yaml", server("a", 1));
  start();
  ASSERT_TRUE(becomes({{"a", 1}}));
  fs::remove(folder / "a.yaml");
  ASSERT_TRUE(eventually([&] { return !trouble().empty(); }));
  EXPECT_THAT(trouble(), HasSubstr("nothing is deleted"));
  fs::remove(folder);
  ASSERT_TRUE(eventually([&] { return trouble().find("cannot be read") != std::string::npos; }));
  EXPECT_EQ(weights(), (Weights{{"a", 1}}));
  fs::create_directory(folder);
  write("a.yaml", server("a", 5));
  ASSERT_TRUE(becomes({{"a", 5}}));
  EXPECT_TRUE(trouble().empty());
  write("a.yaml", server("a", 6));  // the new folder is watched too
  ASSERT_TRUE(becomes({{"a", 6}}));
}

TEST_F(DirectorySourceTest, AFolderThatIsBeingEmptiedIsNotTakenForOneWithoutAFile) {
  write("a.yaml", server("a", 1));
  write("b.yaml", server("b", 1));
  start(std::chrono::hours(1));
  ASSERT_TRUE(becomes({{"a", 1}, {"b", 1}}));
  fs::remove(folder / "a.yaml");
  std::this_thread::sleep_for(Duration(300));  // many times what a change needs
  EXPECT_EQ(weights(), (Weights{{"a", 1}, {"b", 1}}));
  write("a.yaml", server("a", 2));
  ASSERT_TRUE(becomes({{"a", 2}, {"b", 1}})) << "it is there again, so nothing is missing";
}

TEST_F(DirectorySourceTest, LinksAreFollowedAsConfigMapsSwapThem) {
  const auto version = [this](const char* name, int weight) {
    fs::create_directory(folder / name);
    std::ofstream(folder / name / "a.yaml") << server("a", weight);
  };
  version("..1", 1);
  fs::create_directory_symlink("..1", folder / "..data");
  fs::create_symlink("..data/a.yaml", folder / "a.yaml");
  start();
  ASSERT_TRUE(becomes({{"a", 1}}));
  version("..2", 2);
  fs::create_directory_symlink("..2", folder / "..data_tmp");
  fs::rename(folder / "..data_tmp", folder / "..data");
  ASSERT_TRUE(becomes({{"a", 2}}));
}

TEST_F(DirectorySourceTest, NothingIsSaidBeforeEverythingCouldBeRead) {
  write("a.yaml", server("a", 1));
  write("b.yaml", "kind: [\n");
  start();
  ASSERT_TRUE(eventually([&] { return !trouble().empty(); }));
  EXPECT_THAT(trouble(), HasSubstr("nothing is pushed"));
  EXPECT_EQ(lists(), 0);
  write("b.yaml", server("b", 2));
  ASSERT_TRUE(becomes({{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(trouble().empty());
}

TEST_F(DirectorySourceTest, StillFolderIsNotReadAgain) {
  write("a.yaml", server("a", 1));
  start();
  ASSERT_TRUE(becomes({{"a", 1}}));
  EXPECT_TRUE(stays([&] { return lists() == 1; }));
}

TEST_F(DirectorySourceTest, EndsAtOnce) {
  start();
  ASSERT_TRUE(eventually([&] { return !trouble().empty(); }));
}

}  // namespace
}  // namespace lvs
