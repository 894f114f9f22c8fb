#include "agent/kernel/netlink_nftables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>

namespace lvs::netlink {
namespace {

constexpr const char* kChain = "refusals";
constexpr std::int32_t kPriorityRaw = -300;  // NF_IP_PRI_RAW: before any address translation
// Keeps the list of one message below the 64 KiB that its length can say (36 bytes an element).
constexpr std::size_t kElementsPerMessage = 1000;

// What differs between the families. Offsets count from the ICMP header: 8 bytes of it, then the
// refused packet's own header.
struct RefusalShape {
  const char* set;
  std::uint32_t set_id;
  std::uint32_t key_type;  // nft's own numbers of types, so that it can list the set
  std::uint32_t address_size;
  std::uint8_t family;
  std::uint8_t icmp;
  std::array<std::uint8_t, 2> type_and_code;
  std::uint32_t address_at, protocol_at, port_at;
};

// enum datatypes of nftables: ipv4_addr 7, ipv6_addr 8, inet_proto 12, inet_service 13; six bits
// each.
constexpr std::uint32_t concatenated(std::uint32_t address_type) {
  return (address_type << 12) | (12U << 6) | 13U;
}
constexpr RefusalShape kIpv4{"ipv4",
                             1,
                             concatenated(7),
                             4,
                             NFPROTO_IPV4,
                             IPPROTO_ICMP,
                             {ICMP_DEST_UNREACH, ICMP_PORT_UNREACH},
                             8 + 16,
                             8 + 9,
                             8 + 20 + 2};
constexpr RefusalShape kIpv6{"ipv6",
                             2,
                             concatenated(8),
                             16,
                             NFPROTO_IPV6,
                             IPPROTO_ICMPV6,
                             {ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH},
                             8 + 24,
                             8 + 6,
                             8 + 40 + 2};

void open_request(std::uint16_t type, std::uint16_t flags, Batch& batch) {
  batch.open_message(static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type), flags);
  batch.put(bytes_of(nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0}));
}

void bracket(std::uint16_t type, Batch& batch) {
  batch.open_message(type, 0);
  batch.put(bytes_of(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)}));
  batch.close_message();
}

void big_endian(std::uint16_t type, std::uint32_t value, Batch& batch) {
  batch.number(type, htonl(value));
}

void put_table(std::uint16_t type, std::uint16_t flags, Batch& batch) {
  open_request(type, flags, batch);
  batch.text(NFTA_TABLE_NAME, kRefusalsTable);
  batch.close_message();
}

void put_chain(Batch& batch) {
  open_request(NFT_MSG_NEWCHAIN, NLM_F_CREATE, batch);
  batch.text(NFTA_CHAIN_TABLE, kRefusalsTable);
  batch.text(NFTA_CHAIN_NAME, kChain);
  const auto hook = batch.open_nest(NFTA_CHAIN_HOOK);
  big_endian(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT, batch);
  big_endian(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(kPriorityRaw), batch);
  batch.close_nest(hook);
  batch.text(NFTA_CHAIN_TYPE, "filter");
  batch.close_message();
}

void put_set(const RefusalShape& shape, Duration at_most, Batch& batch) {
  open_request(NFT_MSG_NEWSET, NLM_F_CREATE, batch);
  batch.text(NFTA_SET_TABLE, kRefusalsTable);
  batch.text(NFTA_SET_NAME, shape.set);
  big_endian(NFTA_SET_FLAGS, NFT_SET_TIMEOUT, batch);
  big_endian(NFTA_SET_KEY_TYPE, shape.key_type, batch);
  big_endian(NFTA_SET_KEY_LEN, shape.address_size + 8, batch);
  big_endian(NFTA_SET_ID, shape.set_id, batch);
  batch.number(NFTA_SET_TIMEOUT, htobe64(static_cast<std::uint64_t>(at_most.count())));
  batch.close_message();
}

// Adds expressions to the rule whose message is open.
class Rule {
 public:
  explicit Rule(Batch& batch) : batch_(batch) {}

  void require_meta(std::uint32_t key, std::uint8_t value) {
    expression("meta", [&] {
      big_endian(NFTA_META_DREG, NFT_REG_1, batch_);
      big_endian(NFTA_META_KEY, key, batch_);
    });
    require({&value, 1});
  }
  void require_bytes(std::uint32_t offset, Bytes value) {
    load(offset, static_cast<std::uint32_t>(value.size()), NFT_REG_1);
    require(value);
  }
  // From behind the network header: the ICMP message.
  void load(std::uint32_t offset, std::uint32_t size, std::uint32_t to) {
    expression("payload", [&] {
      big_endian(NFTA_PAYLOAD_DREG, to, batch_);
      big_endian(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER, batch_);
      big_endian(NFTA_PAYLOAD_OFFSET, offset, batch_);
      big_endian(NFTA_PAYLOAD_LEN, size, batch_);
    });
  }
  void look_up(const RefusalShape& shape, std::uint32_t key_register) {
    expression("lookup", [&] {
      batch_.text(NFTA_LOOKUP_SET, shape.set);
      big_endian(NFTA_LOOKUP_SET_ID, shape.set_id, batch_);
      big_endian(NFTA_LOOKUP_SREG, key_register, batch_);
    });
  }
  void drop() {
    expression("immediate", [&] {
      big_endian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT, batch_);
      const auto data = batch_.open_nest(NFTA_IMMEDIATE_DATA);
      const auto verdict = batch_.open_nest(NFTA_DATA_VERDICT);
      big_endian(NFTA_VERDICT_CODE, NF_DROP, batch_);
      batch_.close_nest(verdict);
      batch_.close_nest(data);
    });
  }

 private:
  void require(Bytes value) {
    expression("cmp", [&] {
      big_endian(NFTA_CMP_SREG, NFT_REG_1, batch_);
      big_endian(NFTA_CMP_OP, NFT_CMP_EQ, batch_);
      const auto data = batch_.open_nest(NFTA_CMP_DATA);
      batch_.attribute(NFTA_DATA_VALUE, value);
      batch_.close_nest(data);
    });
  }
  template <typename Attributes>
  void expression(const char* name, Attributes attributes) {
    const auto element = batch_.open_nest(NFTA_LIST_ELEM);
    batch_.text(NFTA_EXPR_NAME, name);
    const auto data = batch_.open_nest(NFTA_EXPR_DATA);
    attributes();
    batch_.close_nest(data);
    batch_.close_nest(element);
  }

  Batch& batch_;
};

// The key of the set lies in consecutive registers of 4 bytes: address, protocol, port.
void load_key(const RefusalShape& shape, Rule& rule) {
  const std::uint32_t behind_address = NFT_REG32_00 + shape.address_size / NFT_REG32_SIZE;
  rule.load(shape.address_at, shape.address_size, NFT_REG32_00);
  rule.load(shape.protocol_at, 1, behind_address);
  rule.load(shape.port_at, 2, behind_address + 1);
}

void put_rule(const RefusalShape& shape, Batch& batch) {
  open_request(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, batch);
  batch.text(NFTA_RULE_TABLE, kRefusalsTable);
  batch.text(NFTA_RULE_CHAIN, kChain);
  const auto expressions = batch.open_nest(NFTA_RULE_EXPRESSIONS);
  Rule rule(batch);
  rule.require_meta(NFT_META_NFPROTO, shape.family);
  rule.require_meta(NFT_META_L4PROTO, shape.icmp);
  rule.require_bytes(0, shape.type_and_code);
  // The ports of a packet with IP options are elsewhere: its refusal is let through.
  static constexpr std::uint8_t kVersion4WithoutOptions = 0x45;
  if (shape.family == NFPROTO_IPV4) rule.require_bytes(8, {&kVersion4WithoutOptions, 1});
  load_key(shape, rule);
  rule.look_up(shape, NFT_REG32_00);
  rule.drop();
  batch.close_nest(expressions);
  batch.close_message();
}

void put_element(const ServiceKey& service, Batch& batch) {
  std::array<std::uint8_t, 24> key{};  // each field padded to 4 bytes
  const std::size_t size = service.address.byte_count();
  std::copy_n(service.address.bytes().begin(), size, key.begin());
  key[size] = static_cast<std::uint8_t>(service.protocol);
  key[size + 4] = static_cast<std::uint8_t>(service.port >> 8);
  key[size + 5] = static_cast<std::uint8_t>(service.port);
  const auto element = batch.open_nest(NFTA_LIST_ELEM);
  const auto nest = batch.open_nest(NFTA_SET_ELEM_KEY);
  batch.attribute(NFTA_DATA_VALUE, Bytes(key).first(size + 8));
  batch.close_nest(nest);
  batch.close_nest(element);
}

void put_elements(const RefusalShape& shape, std::span<const ServiceKey> services, Batch& batch) {
  open_request(NFT_MSG_NEWSETELEM, NLM_F_CREATE, batch);
  batch.text(NFTA_SET_ELEM_LIST_TABLE, kRefusalsTable);
  batch.text(NFTA_SET_ELEM_LIST_SET, shape.set);
  big_endian(NFTA_SET_ELEM_LIST_SET_ID, shape.set_id, batch);
  const auto elements = batch.open_nest(NFTA_SET_ELEM_LIST_ELEMENTS);
  for (const ServiceKey& service : services) put_element(service, batch);
  batch.close_nest(elements);
  batch.close_message();
}

std::vector<ServiceKey> those_of(Family family, std::span<const ServiceKey> services) {
  std::vector<ServiceKey> chosen;
  std::copy_if(services.begin(), services.end(), std::back_inserter(chosen),
               [&](const ServiceKey& s) { return s.firewall_mark == 0 && s.family() == family; });
  return chosen;
}

// A set, the rule that uses it, and what is in it.
void put_family(const RefusalShape& shape, std::span<const ServiceKey> services, Duration at_most,
                Batch& batch) {
  if (services.empty()) return;
  put_set(shape, at_most, batch);
  put_rule(shape, batch);
  while (!services.empty()) {
    const auto some = services.first(std::min(services.size(), kElementsPerMessage));
    put_elements(shape, some, batch);
    services = services.subspan(some.size());
  }
}

}  // namespace

void encode_mute(std::span<const ServiceKey> services, Duration at_most, Batch& batch) {
  bracket(NFNL_MSG_BATCH_BEGIN, batch);
  put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, batch);  // so that there is one to delete
  put_table(NFT_MSG_DELTABLE, 0, batch);
  put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, batch);
  put_chain(batch);
  put_family(kIpv4, those_of(Family::kV4, services), at_most, batch);
  put_family(kIpv6, those_of(Family::kV6, services), at_most, batch);
  bracket(NFNL_MSG_BATCH_END, batch);
}

void encode_unmute(Batch& batch) {
  bracket(NFNL_MSG_BATCH_BEGIN, batch);
  put_table(NFT_MSG_DELTABLE, 0, batch);
  bracket(NFNL_MSG_BATCH_END, batch);
}

}  // namespace lvs::netlink
