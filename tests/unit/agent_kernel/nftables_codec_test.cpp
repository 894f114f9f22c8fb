// The form of the transactions; what they do is in tests/contract/refusals_test.cpp, on a kernel.
#include <algorithm>

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "agent/kernel/netlink_nftables.h"

namespace lvs::netlink {
namespace {

constexpr int kBegin = NFNL_MSG_BATCH_BEGIN;
constexpr int kEnd = NFNL_MSG_BATCH_END;
constexpr int kTable = (NFNL_SUBSYS_NFTABLES << 8);

ServiceKey service(const char* address, std::uint16_t port, std::uint32_t mark = 0) {
  return {IpAddress::parse(address).value(), Protocol::kTcp, port, mark};
}

// The types of the messages; those of nftables start at kTable.
std::vector<int> types_of(const Batch& batch) {
  std::vector<int> types;
  Bytes rest = batch.bytes();
  while (const auto message = take_message(rest)) types.push_back(message->type);
  EXPECT_TRUE(rest.empty());
  return types;
}

std::vector<int> muting(const std::vector<ServiceKey>& services) {
  Batch batch;
  encode_mute(services, Duration{2'000}, batch);
  return types_of(batch);
}

const std::vector<int> kEmptyTable{kBegin, kTable + NFT_MSG_NEWTABLE, kTable + NFT_MSG_DELTABLE,
                                   kTable + NFT_MSG_NEWTABLE, kTable + NFT_MSG_NEWCHAIN};

std::vector<int> with(std::vector<int> types, const std::vector<int>& more) {
  types.insert(types.end(), more.begin(), more.end());
  return types;
}

TEST(NftablesCodec, ReplacesTheTableInOneTransaction) {
  const std::vector<int> family{kTable + NFT_MSG_NEWSET, kTable + NFT_MSG_NEWRULE,
                                kTable + NFT_MSG_NEWSETELEM};
  EXPECT_EQ(muting({service("192.0.2.1", 80)}), with(with(kEmptyTable, family), {kEnd}));
  EXPECT_EQ(muting({service("192.0.2.1", 80), service("2001:db8::1", 80)}),
            with(with(with(kEmptyTable, family), family), {kEnd}));
}

TEST(NftablesCodec, CutsLongListsOfElements) {
  const auto types = muting(std::vector<ServiceKey>(2'500, service("2001:db8::1", 80)));
  EXPECT_EQ(std::count(types.begin(), types.end(), kTable + NFT_MSG_NEWSETELEM), 3);
}

TEST(NftablesCodec, LeavesFirewallMarksOut) {
  EXPECT_EQ(muting({service("0.0.0.0", 0, 7)}), with(kEmptyTable, {kEnd}));
}

TEST(NftablesCodec, RemovesTheTable) {
  Batch batch;
  encode_unmute(batch);
  EXPECT_EQ(types_of(batch), (std::vector<int>{kBegin, kTable + NFT_MSG_DELTABLE, kEnd}));
}

// A kernel before 6.10 answers no commit.
TEST(NftablesCodec, TheMessageBeforeTheCommitAsksForTheAnswer) {
  Batch batch;
  encode_unmute(batch);
  batch.number_messages(7, NLM_F_ACK, 1);
  std::vector<bool> asks;
  Bytes rest = batch.bytes();
  while (const auto message = take_message(rest)) asks.push_back((message->flags & NLM_F_ACK) != 0);
  EXPECT_EQ(asks, (std::vector<bool>{false, true, false}));
}

}  // namespace
}  // namespace lvs::netlink
