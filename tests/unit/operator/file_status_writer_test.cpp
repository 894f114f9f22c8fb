#include "operator/status/file_status_writer.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace lvs {
namespace {

class FileStatusWriterTest : public testing::Test {
 protected:
  ~FileStatusWriterTest() override { std::filesystem::remove(path_); }
  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }
  [[nodiscard]] bool exists() const { return std::filesystem::exists(path_); }
  void remove_file() const { std::filesystem::remove(path_); }

 private:
  std::string path_ = testing::TempDir() + "lvs-status-" + std::to_string(::getpid()) + ".json";

 protected:
  FileStatusWriter writer{path_};
};

// 2,500 objects that change at once are one file, not 2,500.
TEST_F(FileStatusWriterTest, ManyChangesAreWrittenOnce) {
  for (const auto* name : {"web", "mail", "dns"}) {
    writer.write({"shop", name}, VirtualServiceStatus{});
  }
  EXPECT_FALSE(exists());
  writer.flush();
  for (const auto* name : {"web", "mail", "dns"}) EXPECT_THAT(text(), testing::HasSubstr(name));
  remove_file();
  writer.flush();
  EXPECT_FALSE(exists()) << "nothing has changed";
  writer.forget(Kind::kVirtualService, {"shop", "mail"});
  writer.flush();
  EXPECT_THAT(text(), testing::Not(testing::HasSubstr("mail")));
}

}  // namespace
}  // namespace lvs
