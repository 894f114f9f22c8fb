#include "base/mailbox.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lvs {
namespace {

TEST(Mailbox, KeepsTheOrderOfOneSender) {
  Mailbox<int> mailbox;
  mailbox.post(1);
  mailbox.post(2);
  EXPECT_EQ(mailbox.take(), 1);
  EXPECT_EQ(mailbox.take(), 2);
  EXPECT_EQ(mailbox.take(), std::nullopt);
}

TEST(Mailbox, WaitingEndsWithAMessageFromAnotherThread) {
  Mailbox<std::string> mailbox;
  const std::jthread sender([&] { mailbox.post("plan"); });
  EXPECT_EQ(mailbox.wait_for(Duration(60'000)), "plan");
}

TEST(Mailbox, WaitingEndsWithoutAMessageWhenTheTimeIsOver) {
  Mailbox<int> mailbox;
  EXPECT_EQ(mailbox.wait_for(Duration(1)), std::nullopt);
}

TEST(Mailbox, LosesNothingOfManySenders) {
  constexpr int kSenders = 4;
  constexpr int kEach = 500;
  Mailbox<int> mailbox;
  {
    std::vector<std::jthread> senders;
    for (int s = 0; s < kSenders; ++s) {
      senders.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) mailbox.post(i);
      });
    }
  }
  EXPECT_EQ(mailbox.size(), static_cast<std::size_t>(kSenders * kEach));
}

}  // namespace
}  // namespace lvs
