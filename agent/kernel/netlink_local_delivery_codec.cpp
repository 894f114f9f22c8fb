#include "agent/kernel/netlink_local_delivery_codec.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if_arp.h>

#include "agent/kernel/netlink_nft_writer.h"
#include "core/probe_path.h"

namespace lvs::netlink {
namespace {

using Keys = std::vector<std::vector<std::uint8_t>>;

constexpr const char* kTable = "lvs-agent-local";
constexpr std::int32_t kMangle = -150;  // NF_IP_PRI_MANGLE; IPVS looks later
constexpr nft::Chain kArriving{"arriving", NF_INET_PRE_ROUTING, kMangle};
constexpr nft::Chain kOwn{"own", NF_INET_LOCAL_OUT, kMangle};
constexpr nft::Set kDirectorsSet{"directors", 1, nft::kTypeEther, 6};

struct AddressShape {
  nft::Set set;
  std::uint8_t family;
  std::uint32_t destination_at;  // in the IP header
};
constexpr AddressShape kIpv4Shape{{"ipv4", 2, nft::kTypeIpv4, 4}, NFPROTO_IPV4, 16};
constexpr AddressShape kIpv6Shape{{"ipv6", 3, nft::kTypeIpv6, 16}, NFPROTO_IPV6, 24};

const nft::Set& set_of(DeliverySet which) {
  if (which == DeliverySet::kDirectors) return kDirectorsSet;
  return which == DeliverySet::kIpv4 ? kIpv4Shape.set : kIpv6Shape.set;
}

Keys vips_of(Family family, const LocalDelivery& delivery) {
  Keys keys;
  for (const IpAddress& vip : delivery.vips) {
    if (vip.family() != family) continue;
    const auto begin = vip.bytes().begin();
    keys.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(vip.byte_count()));
  }
  return keys;
}

void mark(const AddressShape& shape, nft::Rule& rule) {
  rule.load_meta(NFT_META_NFPROTO);
  rule.require({&shape.family, 1});
  rule.load(NFT_PAYLOAD_NETWORK_HEADER, shape.destination_at, shape.set.key_size);
  rule.look_up(shape.set);
  rule.set_mark(kDeliveryMark);
}

void put_family_rules(const AddressShape& shape, const Keys& vips, Batch& batch) {
  nft::put_set(kTable, shape.set, std::nullopt, batch);
  nft::put_elements(kTable, shape.set, vips, batch);
  {
    constexpr std::uint32_t kSourceAt = 6;
    constexpr std::uint16_t kEthernet = ARPHRD_ETHER;
    nft::Rule rule(kTable, kArriving.name, batch);
    rule.load_meta(NFT_META_IIFTYPE);
    rule.require(bytes_of(kEthernet));
    rule.load(NFT_PAYLOAD_LL_HEADER, kSourceAt, kDirectorsSet.key_size);
    rule.look_up(kDirectorsSet);
    mark(shape, rule);
  }
  // What carries a mark of its own in the topmost byte has a way already: checks through the VIP.
  constexpr std::uint32_t kUnmarked = 0;
  nft::Rule rule(kTable, kOwn.name, batch);
  rule.load_meta(NFT_META_MARK);
  rule.mask(bytes_of(kProbeMarkRange));
  rule.require(bytes_of(kUnmarked));
  mark(shape, rule);
}

Result<void> take_in(DeliverySet set, Bytes key, LocalDelivery& delivery) {
  if (key.size() != set_of(set).key_size) {
    return fail(ErrorCode::kCorrupt, std::string("nftables table inet ") + kTable +
                                         ": a set has elements of another size");
  }
  if (set == DeliverySet::kDirectors) {
    std::array<std::uint8_t, 6> address{};
    std::copy(key.begin(), key.end(), address.begin());
    delivery.directors.push_back(address);
    return {};
  }
  IpAddress::Bytes bytes{};
  std::copy(key.begin(), key.end(), bytes.begin());
  delivery.vips.emplace_back(set == DeliverySet::kIpv4 ? Family::kV4 : Family::kV6, bytes);
  return {};
}

}  // namespace

void encode_local_delivery(const LocalDelivery& delivery, Batch& batch) {
  nft::begin(batch);
  if (delivery.vips.empty()) {
    nft::delete_table(kTable, batch);
  } else {
    nft::replace_table(kTable, batch);
    nft::put_chain(kTable, kArriving, batch);
    nft::put_chain(kTable, kOwn, batch);
    nft::put_set(kTable, kDirectorsSet, std::nullopt, batch);
    Keys directors;
    for (const auto& each : delivery.directors) directors.emplace_back(each.begin(), each.end());
    nft::put_elements(kTable, kDirectorsSet, directors, batch);
    put_family_rules(kIpv4Shape, vips_of(Family::kV4, delivery), batch);
    put_family_rules(kIpv6Shape, vips_of(Family::kV6, delivery), batch);
  }
  nft::commit(batch);
}

void encode_dump_set(DeliverySet set, Batch& batch) {
  nft::open_request(NFT_MSG_GETSETELEM, NLM_F_DUMP, batch);
  batch.text(NFTA_SET_ELEM_LIST_TABLE, kTable);
  batch.text(NFTA_SET_ELEM_LIST_SET, set_of(set).name);
  batch.close_message();
}

Result<void> decode_elements(DeliverySet set, Bytes payload, LocalDelivery& delivery) {
  const auto malformed = [] {
    return fail(ErrorCode::kCorrupt, "nftables dump: a list of elements is malformed");
  };
  if (!take_header<nfgenmsg>(payload)) return malformed();
  const auto list = AttributeTable<NFTA_SET_ELEM_LIST_ELEMENTS + 1>::parse(payload);
  if (!list) return malformed();
  Bytes elements = list->data(NFTA_SET_ELEM_LIST_ELEMENTS);
  while (!elements.empty()) {
    const auto element = take_attribute(elements);
    if (!element) return malformed();
    const auto fields = AttributeTable<NFTA_SET_ELEM_KEY + 1>::parse(element->data);
    if (!fields) return malformed();
    const auto key = AttributeTable<NFTA_DATA_VALUE + 1>::parse(fields->data(NFTA_SET_ELEM_KEY));
    if (!key) return malformed();
    if (auto taken = take_in(set, key->data(NFTA_DATA_VALUE), delivery); !taken) return taken;
  }
  return {};
}

}  // namespace lvs::netlink
