#include "agent/deletion_store.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace lvs {
namespace {

class DeletionStoreTest : public testing::Test {
 protected:
  DeletionStoreTest() { std::filesystem::create_directories(folder); }
  ~DeletionStoreTest() override { std::filesystem::remove_all(folder); }
  static ServiceKey key(const char* address, std::uint16_t port) {
    return {IpAddress::parse(address).value(), Protocol::kTcp, port, 0};
  }

  const std::string folder = testing::TempDir() + "lvs-deletions-" + std::to_string(::getpid());
};

TEST_F(DeletionStoreTest, ReadsWhatItWrote) {
  EXPECT_EQ(DeletionStore(folder).load().value(), PendingDeletions{});
  PendingDeletions pending;
  pending.owners[key("192.0.2.1", 80)] = {"shop", "web"};
  pending.owners[key("2001:db8::1", 81)] = {"shop", "mail"};
  pending.held = {key("192.0.2.1", 80), key("192.0.2.1", 82)};
  ASSERT_TRUE(DeletionStore(folder).save(pending));
  EXPECT_EQ(DeletionStore(folder).load().value(), pending);
  ASSERT_TRUE(DeletionStore(folder).remove());
  EXPECT_EQ(DeletionStore(folder).load().value(), PendingDeletions{});
}

TEST_F(DeletionStoreTest, SaysWhatItDoesNotUnderstand) {
  std::ofstream(folder + "/deletions.txt") << "held TCP 192.0.2.1 80 0\n";
  EXPECT_EQ(DeletionStore(folder).load().error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lvs
