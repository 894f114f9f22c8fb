#include "agent/kernel/netlink_nft_writer.h"

#include <algorithm>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace lvs::netlink::nft {
namespace {

// Keeps the list of one message below the 64 KiB that its length can say (36 bytes an element).
constexpr std::size_t kElementsPerMessage = 1000;

void bracket(std::uint16_t type, Batch& batch) {
  batch.open_message(type, 0);
  batch.put(bytes_of(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)}));
  batch.close_message();
}

void put_table(std::uint16_t type, std::uint16_t flags, const char* table, Batch& batch) {
  open_request(type, flags, batch);
  batch.text(NFTA_TABLE_NAME, table);
  batch.close_message();
}

void put_time(std::uint16_t type, Duration time, Batch& batch) {
  batch.number(type, htobe64(static_cast<std::uint64_t>(time.count())));
}

void put_element(const std::vector<std::uint8_t>& key, std::optional<Duration> timeout,
                 Batch& batch) {
  const auto element = batch.open_nest(NFTA_LIST_ELEM);
  const auto nest = batch.open_nest(NFTA_SET_ELEM_KEY);
  batch.attribute(NFTA_DATA_VALUE, key);
  batch.close_nest(nest);
  if (timeout) put_time(NFTA_SET_ELEM_TIMEOUT, *timeout, batch);
  batch.close_nest(element);
}

}  // namespace

void big_endian(std::uint16_t type, std::uint32_t value, Batch& batch) {
  batch.number(type, htonl(value));
}

void begin(Batch& batch) { bracket(NFNL_MSG_BATCH_BEGIN, batch); }
void commit(Batch& batch) { bracket(NFNL_MSG_BATCH_END, batch); }

void open_request(std::uint16_t type, std::uint16_t flags, Batch& batch) {
  batch.open_message(static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type), flags);
  batch.put(bytes_of(nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0}));
}

void delete_table(const char* table, Batch& batch) { put_table(NFT_MSG_DELTABLE, 0, table, batch); }

void replace_table(const char* table, Batch& batch) {
  put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, table, batch);  // so that there is one to delete
  delete_table(table, batch);
  put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, table, batch);
}

void put_chain(const char* table, const Chain& chain, Batch& batch) {
  open_request(NFT_MSG_NEWCHAIN, NLM_F_CREATE, batch);
  batch.text(NFTA_CHAIN_TABLE, table);
  batch.text(NFTA_CHAIN_NAME, chain.name);
  const auto hook = batch.open_nest(NFTA_CHAIN_HOOK);
  big_endian(NFTA_HOOK_HOOKNUM, chain.hook, batch);
  big_endian(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(chain.priority), batch);
  batch.close_nest(hook);
  batch.text(NFTA_CHAIN_TYPE, "filter");
  batch.close_message();
}

void put_set(const char* table, const Set& set, std::optional<Duration> timeout, Batch& batch) {
  open_request(NFT_MSG_NEWSET, NLM_F_CREATE, batch);
  batch.text(NFTA_SET_TABLE, table);
  batch.text(NFTA_SET_NAME, set.name);
  big_endian(NFTA_SET_FLAGS, timeout ? NFT_SET_TIMEOUT : 0, batch);
  big_endian(NFTA_SET_KEY_TYPE, set.key_type, batch);
  big_endian(NFTA_SET_KEY_LEN, set.key_size, batch);
  big_endian(NFTA_SET_ID, set.id, batch);
  if (timeout) put_time(NFTA_SET_TIMEOUT, *timeout, batch);
  batch.close_message();
}

void put_elements(const char* table, const Set& set,
                  std::span<const std::vector<std::uint8_t>> keys, Batch& batch,
                  std::optional<Duration> timeout) {
  while (!keys.empty()) {
    const auto some = keys.first(std::min(keys.size(), kElementsPerMessage));
    open_request(NFT_MSG_NEWSETELEM, NLM_F_CREATE, batch);
    batch.text(NFTA_SET_ELEM_LIST_TABLE, table);
    batch.text(NFTA_SET_ELEM_LIST_SET, set.name);
    big_endian(NFTA_SET_ELEM_LIST_SET_ID, set.id, batch);
    const auto elements = batch.open_nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    for (const auto& key : some) put_element(key, timeout, batch);
    batch.close_nest(elements);
    batch.close_message();
    keys = keys.subspan(some.size());
  }
}

Rule::Rule(const char* table, const char* chain, Batch& batch) : batch_(batch) {
  open_request(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, batch_);
  batch_.text(NFTA_RULE_TABLE, table);
  batch_.text(NFTA_RULE_CHAIN, chain);
  expressions_ = batch_.open_nest(NFTA_RULE_EXPRESSIONS);
}

Rule::~Rule() {
  batch_.close_nest(expressions_);
  batch_.close_message();
}

template <typename Attributes>
void Rule::expression(const char* name, Attributes attributes) {
  const auto element = batch_.open_nest(NFTA_LIST_ELEM);
  batch_.text(NFTA_EXPR_NAME, name);
  const auto nest = batch_.open_nest(NFTA_EXPR_DATA);
  attributes();
  batch_.close_nest(nest);
  batch_.close_nest(element);
}

void Rule::data(std::uint16_t type, Bytes value) {
  const auto nest = batch_.open_nest(type);
  batch_.attribute(NFTA_DATA_VALUE, value);
  batch_.close_nest(nest);
}

void Rule::load_meta(std::uint32_t key) {
  expression("meta", [&] {
    big_endian(NFTA_META_DREG, NFT_REG_1, batch_);
    big_endian(NFTA_META_KEY, key, batch_);
  });
}

void Rule::load(nft_payload_bases base, std::uint32_t offset, std::uint32_t size,
                std::uint32_t to) {
  expression("payload", [&] {
    big_endian(NFTA_PAYLOAD_DREG, to, batch_);
    big_endian(NFTA_PAYLOAD_BASE, base, batch_);
    big_endian(NFTA_PAYLOAD_OFFSET, offset, batch_);
    big_endian(NFTA_PAYLOAD_LEN, size, batch_);
  });
}

void Rule::mask(Bytes bits) {
  const std::vector<std::uint8_t> nothing(bits.size(), 0);
  expression("bitwise", [&] {
    big_endian(NFTA_BITWISE_SREG, NFT_REG_1, batch_);
    big_endian(NFTA_BITWISE_DREG, NFT_REG_1, batch_);
    big_endian(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(bits.size()), batch_);
    data(NFTA_BITWISE_MASK, bits);
    data(NFTA_BITWISE_XOR, nothing);
  });
}

void Rule::require(Bytes value) {
  expression("cmp", [&] {
    big_endian(NFTA_CMP_SREG, NFT_REG_1, batch_);
    big_endian(NFTA_CMP_OP, NFT_CMP_EQ, batch_);
    data(NFTA_CMP_DATA, value);
  });
}

void Rule::look_up(const Set& set, std::uint32_t key_register) {
  expression("lookup", [&] {
    batch_.text(NFTA_LOOKUP_SET, set.name);
    big_endian(NFTA_LOOKUP_SET_ID, set.id, batch_);
    big_endian(NFTA_LOOKUP_SREG, key_register, batch_);
  });
}

// The packet's mark is a number of this machine: in its own byte order.
void Rule::set_mark(std::uint32_t mark) {
  expression("immediate", [&] {
    big_endian(NFTA_IMMEDIATE_DREG, NFT_REG_1, batch_);
    data(NFTA_IMMEDIATE_DATA, bytes_of(mark));
  });
  expression("meta", [&] {
    big_endian(NFTA_META_KEY, NFT_META_MARK, batch_);
    big_endian(NFTA_META_SREG, NFT_REG_1, batch_);
  });
}

void Rule::drop() {
  expression("immediate", [&] {
    big_endian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT, batch_);
    const auto value = batch_.open_nest(NFTA_IMMEDIATE_DATA);
    const auto verdict = batch_.open_nest(NFTA_DATA_VERDICT);
    big_endian(NFTA_VERDICT_CODE, NF_DROP, batch_);
    batch_.close_nest(verdict);
    batch_.close_nest(value);
  });
}

}  // namespace lvs::netlink::nft
