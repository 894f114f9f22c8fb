#include "agent/election/heartbeat_keys.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using ::testing::HasSubstr;
using testing::kKeyOne;
using testing::kKeyTwo;
using ::testing::Not;

std::string refusal(const std::string& text) {
  const auto keys = HeartbeatKeyRing::parse(text);
  if (keys) return "accepted";
  EXPECT_EQ(keys.error().code, ErrorCode::kInvalidArgument);
  return keys.error().message;
}

TEST(HeartbeatKeys, TheFirstSignsAllVerify) {
  auto keys = testing::ring(std::string("# new\n") + kKeyTwo + "\r\n\n  " + kKeyOne + " \n");
  EXPECT_EQ(keys.signer().id(), 2U);
  EXPECT_NE(keys.find(1), nullptr);
  EXPECT_NE(keys.find(2), nullptr);
  EXPECT_EQ(keys.find(3), nullptr);
}

TEST(HeartbeatKeys, WhatIsWrongIsNamedByLine) {
  const std::string one = kKeyOne;
  EXPECT_THAT(refusal(""), HasSubstr("no key"));
  EXPECT_THAT(refusal("# only a comment\n"), HasSubstr("no key"));
  EXPECT_THAT(refusal("\nsecret"), HasSubstr("line 2"));
  EXPECT_THAT(refusal("one:000102030405060708090a0b0c0d0e0f"), HasSubstr("id:hex"));
  EXPECT_THAT(refusal("-1:000102030405060708090a0b0c0d0e0f"), HasSubstr("id:hex"));
  EXPECT_THAT(refusal("4294967296:000102030405060708090a0b0c0d0e0f"), HasSubstr("id:hex"));
  EXPECT_THAT(refusal("1:000102030405060708090a0b0c0d0e"), HasSubstr("shorter than 16 bytes"));
  EXPECT_THAT(refusal("1:000102030405060708090a0b0c0d0e0"), HasSubstr("hexadecimal"));
  EXPECT_THAT(refusal("1:000102030405060708090a0b0c0d0eXY"), HasSubstr("hexadecimal"));
  EXPECT_THAT(refusal("1:" + std::string(258, '0')), HasSubstr("128 bytes"));
  EXPECT_THAT(refusal(one + "\n" + one), HasSubstr("twice"));
  EXPECT_THAT(refusal(one + "\n" + kKeyTwo + "\n3" + one.substr(1)), HasSubstr("more than two"));
}

TEST(HeartbeatKeys, MessagesNeverHoldTheSecret) {
  for (const char* text : {"1:deadbeefdeadbeef", "1 deadbeefdeadbeef", "deadbeefdeadbeef",
                           "1:deadbeefdeadbeefdeadbeefdeadbeefz"}) {
    EXPECT_THAT(refusal(text), Not(HasSubstr("deadbeef")));
  }
}

class HeartbeatKeyFiles : public ::testing::Test {
 protected:
  HeartbeatKeyFiles() {
    std::string pattern = std::filesystem::temp_directory_path() / "lvs-keys-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~HeartbeatKeyFiles() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, const std::string& name = "keys") {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "keys"; }

  std::filesystem::path folder_;
};

TEST_F(HeartbeatKeyFiles, AMissingFileIsAnError) {
  HeartbeatKeyFile file(path());
  EXPECT_EQ(file.load().error().code, ErrorCode::kNotFound);
}

TEST_F(HeartbeatKeyFiles, IsReadAgainWhenItChanges) {
  write(kKeyOne);
  HeartbeatKeyFile file(path());
  EXPECT_EQ(file.load()->signer().id(), 1U);
  EXPECT_FALSE(file.reload_if_changed());
  write(kKeyTwo);
  EXPECT_EQ((*file.reload_if_changed())->signer().id(), 2U);
  EXPECT_FALSE(file.reload_if_changed());
}

TEST_F(HeartbeatKeyFiles, AnErrorIsToldOnceForEachChange) {
  write(kKeyOne);
  HeartbeatKeyFile file(path());
  ASSERT_TRUE(file.load());
  std::filesystem::remove(path());
  EXPECT_FALSE(file.reload_if_changed().value());
  EXPECT_FALSE(file.reload_if_changed());
  write("nonsense");
  EXPECT_FALSE(file.reload_if_changed().value());
  EXPECT_FALSE(file.reload_if_changed());
  write(kKeyOne);
  EXPECT_TRUE(file.reload_if_changed().value());
}

// A mounted Secret is a link that is exchanged.
TEST_F(HeartbeatKeyFiles, AnExchangedLinkIsAChange) {
  write(kKeyOne, "one");
  write(kKeyTwo, "two");
  std::filesystem::create_symlink("one", path());
  HeartbeatKeyFile file(path());
  ASSERT_TRUE(file.load());
  std::filesystem::create_symlink("two", folder_ / "next");
  std::filesystem::rename(folder_ / "next", path());
  EXPECT_EQ((*file.reload_if_changed())->signer().id(), 2U);
}

}  // namespace
}  // namespace lvs
