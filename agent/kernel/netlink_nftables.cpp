#include "agent/kernel/netlink_nftables.h"

#include <algorithm>
#include <array>
#include <vector>

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "agent/kernel/netlink_nft_writer.h"

namespace lvs::netlink {
namespace {

constexpr nft::Chain kChain{"refusals", NF_INET_LOCAL_OUT, -300};  // raw: before any translation

// What differs between the families. Offsets count from the ICMP header: 8 bytes of it, then the
// refused packet's own header.
struct RefusalShape {
  nft::Set set;
  std::uint32_t address_size;
  std::uint8_t family;
  std::uint8_t icmp;
  std::array<std::uint8_t, 2> type_and_code;
  std::uint32_t address_at, protocol_at, port_at;
};

// Six bits each; in the set each is padded to 4 bytes.
constexpr std::uint32_t concatenated(std::uint32_t address_type) {
  return (address_type << 12) | (nft::kTypeProtocol << 6) | nft::kTypeService;
}
constexpr RefusalShape kIpv4{
    {"ipv4", 1, concatenated(nft::kTypeIpv4), 4 + 8}, 4,      NFPROTO_IPV4, IPPROTO_ICMP,
    {ICMP_DEST_UNREACH, ICMP_PORT_UNREACH},           8 + 16, 8 + 9,        8 + 20 + 2};
constexpr RefusalShape kIpv6{
    {"ipv6", 2, concatenated(nft::kTypeIpv6), 16 + 8}, 16,     NFPROTO_IPV6, IPPROTO_ICMPV6,
    {ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT},     8 + 24, 8 + 6,        8 + 40 + 2};

// From behind the network header: the ICMP message.
void load(nft::Rule& rule, std::uint32_t offset, std::uint32_t size, std::uint32_t to = NFT_REG_1) {
  rule.load(NFT_PAYLOAD_TRANSPORT_HEADER, offset, size, to);
}

// The key of the set lies in consecutive registers of 4 bytes: address, protocol, port.
void load_key(const RefusalShape& shape, nft::Rule& rule) {
  const std::uint32_t behind_address = NFT_REG32_00 + shape.address_size / NFT_REG32_SIZE;
  load(rule, shape.address_at, shape.address_size, NFT_REG32_00);
  load(rule, shape.protocol_at, 1, behind_address);
  load(rule, shape.port_at, 2, behind_address + 1);
}

void put_rule(const RefusalShape& shape, Batch& batch) {
  nft::Rule rule(kRefusalsTable, kChain.name, batch);
  rule.load_meta(NFT_META_NFPROTO);
  rule.require({&shape.family, 1});
  rule.load_meta(NFT_META_L4PROTO);
  rule.require({&shape.icmp, 1});
  load(rule, 0, 2);
  rule.require(shape.type_and_code);
  // The ports of a packet with IP options are elsewhere: its refusal is let through.
  static constexpr std::uint8_t kVersion4WithoutOptions = 0x45;
  if (shape.family == NFPROTO_IPV4) {
    load(rule, 8, 1);
    rule.require({&kVersion4WithoutOptions, 1});
  }
  load_key(shape, rule);
  rule.look_up(shape.set, NFT_REG32_00);
  rule.drop();
}

std::vector<std::uint8_t> key_of(const ServiceKey& service) {
  const std::size_t size = service.address.byte_count();
  std::vector<std::uint8_t> key(size + 8);  // each field padded to 4 bytes
  std::copy_n(service.address.bytes().begin(), size, key.begin());
  key[size] = static_cast<std::uint8_t>(service.protocol);
  key[size + 4] = static_cast<std::uint8_t>(service.port >> 8);
  key[size + 5] = static_cast<std::uint8_t>(service.port);
  return key;
}

std::vector<std::vector<std::uint8_t>> keys_of(Family family,
                                               std::span<const ServiceKey> services) {
  std::vector<std::vector<std::uint8_t>> keys;
  for (const ServiceKey& service : services) {
    if (service.firewall_mark == 0 && service.family() == family) keys.push_back(key_of(service));
  }
  return keys;
}

// A set, the rule that uses it, and what is in it.
void put_family(const RefusalShape& shape, const std::vector<std::vector<std::uint8_t>>& keys,
                Duration at_most, Batch& batch) {
  if (keys.empty()) return;
  nft::put_set(kRefusalsTable, shape.set, at_most, batch);
  put_rule(shape, batch);
  nft::put_elements(kRefusalsTable, shape.set, keys, batch);
}

}  // namespace

void encode_mute(std::span<const ServiceKey> services, Duration at_most, Batch& batch) {
  nft::begin(batch);
  nft::replace_table(kRefusalsTable, batch);
  nft::put_chain(kRefusalsTable, kChain, batch);
  put_family(kIpv4, keys_of(Family::kV4, services), at_most, batch);
  put_family(kIpv6, keys_of(Family::kV6, services), at_most, batch);
  nft::commit(batch);
}

void encode_unmute(Batch& batch) {
  nft::begin(batch);
  nft::delete_table(kRefusalsTable, batch);
  nft::commit(batch);
}

}  // namespace lvs::netlink
