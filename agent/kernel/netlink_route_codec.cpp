#include "agent/kernel/netlink_route_codec.h"

#include <algorithm>
#include <limits>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

namespace lvs::netlink {
namespace {

constexpr std::uint32_t kForEver = std::numeric_limits<std::uint32_t>::max();
constexpr unsigned kLowerUp = 0x10000;  // IFF_LOWER_UP of linux/if.h, which clashes with net/if.h

// The mark of an IPv6 address on kernels before 5.18, which do not store IFA_PROTO: the metric of a
// prefix route that is never made (noprefixroute). "LVS" in ASCII.
constexpr std::uint32_t kAddressMetric = 0x4c5653;

std::uint8_t route_family(Family family) { return family == Family::kV4 ? AF_INET : AF_INET6; }

ifaddrmsg address_header(const IpAddress& address, int interface_index) {
  ifaddrmsg header{};
  header.ifa_family = route_family(address.family());
  header.ifa_prefixlen = static_cast<std::uint8_t>(address_bits(address.family()));
  header.ifa_index = static_cast<unsigned>(interface_index);
  return header;
}

void put_address(const IpAddress& address, Batch& batch) {
  const auto bytes = Bytes(address.bytes()).first(address.byte_count());
  batch.attribute(IFA_LOCAL, bytes);
  batch.attribute(IFA_ADDRESS, bytes);
}

bool has_our_label(const std::string& label, const std::string& interface) {
  // A name so long that the suffix is cut off leaves nothing to recognise.
  return label.size() > interface.size() + 1 && label == address_label(interface);
}

std::optional<IpAddress> read_address(Bytes data, int native) {
  const std::size_t wanted = native == AF_INET ? 4 : 16;
  if (data.size() != wanted || (native != AF_INET && native != AF_INET6)) return std::nullopt;
  IpAddress::Bytes bytes{};
  std::copy(data.begin(), data.end(), bytes.begin());
  return IpAddress(native == AF_INET ? Family::kV4 : Family::kV6, bytes);
}

std::uint32_t read_lifetime(const std::optional<ifa_cacheinfo>& cache) {
  if (!cache || cache->ifa_valid == kForEver) return 0;
  return std::max<std::uint32_t>(cache->ifa_valid, 1);  // 0 would say for ever
}

using AddressTable = AttributeTable<IFA_PROTO + 1>;

bool has_old_mark(const AddressTable& table, const ObservedAddress& address) {
  return has_our_label(table.text(IFA_LABEL), address.interface) ||
         (address.address.family() == Family::kV6 &&
          table.get_or<std::uint32_t>(IFA_RT_PRIORITY, 0) == kAddressMetric);
}

}  // namespace

std::string address_label(const std::string& interface) {
  return (interface + kAddressLabelSuffix).substr(0, IFNAMSIZ - 1);
}

void encode_dump_links(Batch& batch) {
  batch.open_message(RTM_GETLINK, NLM_F_DUMP);
  batch.put(bytes_of(ifinfomsg{}));
  batch.number(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  batch.close_message();
}

void encode_dump_addresses(Batch& batch) {
  batch.open_message(RTM_GETADDR, NLM_F_DUMP);
  batch.put(bytes_of(ifaddrmsg{}));
  batch.close_message();
}

void encode_dump_neighbours(Batch& batch) {
  batch.open_message(RTM_GETNEIGH, NLM_F_DUMP);
  batch.put(bytes_of(ndmsg{}));
  batch.close_message();
}

std::optional<ObservedNeighbour> decode_neighbour(Bytes payload, int link_index) {
  const auto header = take_header<ndmsg>(payload);
  const auto table = AttributeTable<NDA_LLADDR + 1>::parse(payload);
  if (!header || !table || header->ndm_ifindex != link_index) return std::nullopt;
  const auto address = read_address(table->data(NDA_DST), header->ndm_family);
  const Bytes hardware = table->data(NDA_LLADDR);
  ObservedNeighbour neighbour;
  if (!address || hardware.size() != neighbour.hardware_address.size()) return std::nullopt;
  neighbour.address = *address;
  std::copy(hardware.begin(), hardware.end(), neighbour.hardware_address.begin());
  neighbour.reachable = (header->ndm_state & NUD_REACHABLE) != 0;
  return neighbour;
}

void encode_get_route(const IpAddress& address, Batch& batch) {
  batch.open_message(RTM_GETROUTE, 0);
  rtmsg header{};
  header.rtm_family = route_family(address.family());
  header.rtm_dst_len = static_cast<std::uint8_t>(address_bits(address.family()));
  batch.put(bytes_of(header));
  batch.attribute(RTA_DST, Bytes(address.bytes()).first(address.byte_count()));
  batch.close_message();
}

bool route_is_direct(Bytes payload) {
  const auto header = take_header<rtmsg>(payload);
  const auto table = AttributeTable<RTA_VIA + 1>::parse(payload);
  const bool leads = header && (header->rtm_type == RTN_UNICAST || header->rtm_type == RTN_LOCAL);
  return leads && table && !table->has(RTA_GATEWAY) && !table->has(RTA_VIA);
}

void encode_add_address(const AddAddress& operation, int interface_index, IfPresent if_present,
                        Batch& batch) {
  const bool v4 = operation.address.family() == Family::kV4;
  const std::uint16_t mode = if_present == IfPresent::kRefuse ? NLM_F_EXCL : NLM_F_REPLACE;
  batch.open_message(RTM_NEWADDR, static_cast<std::uint16_t>(NLM_F_CREATE | mode));
  auto header = address_header(operation.address, interface_index);
  header.ifa_scope = operation.scope == VipScope::kLoopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
  batch.put(bytes_of(header));
  put_address(operation.address, batch);
  batch.number(IFA_FLAGS, std::uint32_t{IFA_F_NODAD | IFA_F_NOPREFIXROUTE});
  batch.number(IFA_PROTO, kAddressProtocol);
  ifa_cacheinfo lifetime{};
  lifetime.ifa_valid = operation.valid_seconds == 0 ? kForEver : operation.valid_seconds;
  lifetime.ifa_prefered = v4 ? lifetime.ifa_valid : 0;
  batch.attribute(IFA_CACHEINFO, bytes_of(lifetime));
  if (v4) {
    batch.text(IFA_LABEL, address_label(operation.interface));
  } else {
    batch.number(IFA_RT_PRIORITY, kAddressMetric);
  }
  batch.close_message();
}

void encode_delete_address(const DeleteAddress& operation, int interface_index, Batch& batch) {
  batch.open_message(RTM_DELADDR, 0);
  batch.put(bytes_of(address_header(operation.address, interface_index)));
  put_address(operation.address, batch);
  batch.close_message();
}

std::optional<ObservedLink> decode_link(Bytes payload) {
  const auto header = take_header<ifinfomsg>(payload);
  const auto table = AttributeTable<IFLA_IFNAME + 1>::parse(payload);
  if (!header || !table || !table->has(IFLA_IFNAME)) return std::nullopt;
  ObservedLink link;
  link.name = table->text(IFLA_IFNAME);
  link.index = header->ifi_index;
  link.up = (header->ifi_flags & IFF_UP) != 0;
  link.carrier = (header->ifi_flags & kLowerUp) != 0;
  link.loopback = (header->ifi_flags & IFF_LOOPBACK) != 0;
  link.noarp = (header->ifi_flags & IFF_NOARP) != 0;
  const Bytes hardware = table->data(IFLA_ADDRESS);
  if (hardware.size() == link.hardware_address.size()) {
    std::copy(hardware.begin(), hardware.end(), link.hardware_address.begin());
  }
  return link;
}

std::optional<MarkedAddress> decode_address(Bytes payload, const LinkNames& names) {
  const auto header = take_header<ifaddrmsg>(payload);
  const auto table = AddressTable::parse(payload);
  if (!header || !table) return std::nullopt;
  // Where both stand, IFA_ADDRESS is the other end of a point-to-point link.
  const auto local = table->has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS;
  const auto ip = read_address(table->data(local), header->ifa_family);
  const auto name = names.find(static_cast<int>(header->ifa_index));
  if (!ip || name == names.end()) return std::nullopt;
  ObservedAddress address;
  address.address = *ip;
  address.prefix_length = header->ifa_prefixlen;
  address.interface = name->second;
  address.valid_seconds = read_lifetime(table->get<ifa_cacheinfo>(IFA_CACHEINFO));
  const auto flags = table->get_or<std::uint32_t>(IFA_FLAGS, header->ifa_flags);
  address.duplicate_detected = (flags & IFA_F_DADFAILED) != 0;
  return MarkedAddress{address, table->get_or<std::uint8_t>(IFA_PROTO, 0),
                       has_old_mark(*table, address)};
}

std::vector<ObservedAddress> recognise(const std::vector<MarkedAddress>& all) {
  const bool stores_protocols =
      std::any_of(all.begin(), all.end(), [](const auto& each) { return each.protocol != 0; });
  std::vector<ObservedAddress> addresses;
  addresses.reserve(all.size());
  for (const MarkedAddress& each : all) {
    addresses.push_back(each.address);
    addresses.back().owned =
        stores_protocols ? each.protocol == kAddressProtocol : each.has_old_mark;
  }
  return addresses;
}

}  // namespace lvs::netlink
