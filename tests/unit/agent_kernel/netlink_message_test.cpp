#include "agent/kernel/netlink_message.h"

#include <limits>

#include <gtest/gtest.h>
#include <linux/netlink.h>

namespace lvs::netlink {
namespace {

TEST(NetlinkMessage, BatchNumbersItsMessagesAndAsksForOneAnswer) {
  Batch batch;
  for (std::uint16_t type = 100; type < 103; ++type) {
    batch.open_message(type, 0);
    batch.number(1, std::uint8_t{7});
    batch.close_message();
  }
  batch.number_messages(0xffffffff, NLM_F_ACK);
  Bytes rest = batch.bytes();
  std::vector<std::uint32_t> sequences;
  std::vector<bool> acks;
  while (const auto message = take_message(rest)) {
    sequences.push_back(message->sequence);
    acks.push_back((message->flags & NLM_F_ACK) != 0);
    EXPECT_NE(message->flags & NLM_F_REQUEST, 0);
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(sequences, (std::vector<std::uint32_t>{0xffffffff, 0, 1}));
  EXPECT_EQ(acks, (std::vector<bool>{false, false, true}));
}

TEST(NetlinkMessage, NestsHoldWhatIsPutIntoThem) {
  Batch batch;
  batch.open_message(16, 0);
  const auto outer = batch.open_nest(3);
  batch.text(1, "abc");
  const auto inner = batch.open_nest(2);
  batch.number(5, std::uint64_t{42});
  batch.close_nest(inner);
  batch.close_nest(outer);
  batch.number(4, std::uint32_t{1});
  batch.close_message();
  Bytes rest = batch.bytes();
  const auto message = take_message(rest).value();
  const auto top = AttributeTable<5>::parse(message.payload).value();
  const auto nest = AttributeTable<3>::parse(top.data(3)).value();
  EXPECT_EQ(nest.text(1), "abc");
  EXPECT_EQ(AttributeTable<6>::parse(nest.data(2))->get<std::uint64_t>(5), 42U);
  EXPECT_EQ(top.get<std::uint32_t>(4), 1U);
  EXPECT_FALSE(top.get<std::uint64_t>(4));
}

TEST(NetlinkMessage, LengthsThatLieAreRefused) {
  for (const std::uint16_t length : std::vector<std::uint16_t>{0, 3, 9, 65'535}) {
    std::vector<std::uint8_t> bytes(8);
    std::memcpy(bytes.data(), &length, sizeof(length));
    EXPECT_FALSE(AttributeTable<4>::parse(bytes)) << length;
  }
  std::vector<std::uint8_t> header(sizeof(nlmsghdr));
  for (const std::uint32_t length : {0U, 15U, 17U, 0xffffffffU}) {
    std::memcpy(header.data(), &length, sizeof(length));
    Bytes rest = header;
    EXPECT_FALSE(take_message(rest)) << length;
  }
}

// An answer as the kernel writes it: error, header of the request, and its own words.
Batch answer(std::uint16_t flags, std::size_t copied) {
  Batch batch;
  batch.open_message(NLMSG_ERROR, flags);
  nlmsgerr error{};
  error.error = -22;
  error.msg.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + copied);
  batch.put(bytes_of(error));
  if ((flags & NLM_F_CAPPED) == 0) batch.put(std::vector<std::uint8_t>(copied));
  if ((flags & NLM_F_ACK_TLVS) != 0) batch.text(NLMSGERR_ATTR_MSG, "Invalid label");
  batch.close_message();
  return batch;
}

Answer decode(const Batch& batch) {
  Bytes rest = batch.bytes();
  return decode_answer(take_message(rest).value()).value();
}

TEST(NetlinkMessage, AnswersKeepErrnoAndTheKernelsWords) {
  EXPECT_EQ(decode(answer(NLM_F_CAPPED | NLM_F_ACK_TLVS, 40)).text, "Invalid label");
  EXPECT_EQ(decode(answer(NLM_F_ACK_TLVS, 40)).text, "Invalid label");
  EXPECT_EQ(decode(answer(NLM_F_CAPPED, 40)).error_number, 22);
  EXPECT_EQ(decode(answer(0, 40)).text, "");
}

// Found by fuzzing: the negation of the smallest number is none.
TEST(NetlinkMessage, AnErrnoThatCannotBeIsNoAnswer) {
  for (const int error : {1, -4096, std::numeric_limits<int>::min()}) {
    Batch batch;
    batch.open_message(NLMSG_ERROR, 0);
    nlmsgerr header{};
    header.error = error;
    batch.put(bytes_of(header));
    batch.close_message();
    Bytes rest = batch.bytes();
    EXPECT_FALSE(decode_answer(take_message(rest).value())) << error;
  }
}

TEST(NetlinkMessage, OtherMessagesAreNoAnswers) {
  Batch batch;
  batch.open_message(NLMSG_DONE, 0);
  batch.number(1, std::uint64_t{0});
  batch.close_message();
  Bytes rest = batch.bytes();
  EXPECT_FALSE(decode_answer(take_message(rest).value()));
}

}  // namespace
}  // namespace lvs::netlink
