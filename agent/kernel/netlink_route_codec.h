// Links and addresses as rtnetlink messages (include/uapi/linux/{rtnetlink,if_addr,if_link}.h).
// Pure: bytes in, bytes out, whatever the bytes are (fuzzed). libnl-route is not used: 3.7 knows
// neither IFA_PROTO nor batches.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "agent/kernel/netlink_message.h"
#include "core/observed.h"
#include "core/operation.h"

namespace lvs::netlink {

using LinkNames = std::map<int, std::string>;  // by interface index

struct ObservedNeighbour {
  IpAddress address;
  std::array<std::uint8_t, 6> hardware_address{};
  bool reachable = false;  // confirmed lately (NUD_REACHABLE)

  friend bool operator==(const ObservedNeighbour&, const ObservedNeighbour&) = default;
};

void encode_dump_links(Batch& batch);
void encode_dump_addresses(Batch& batch);   // both families
void encode_dump_neighbours(Batch& batch);  // both families

// Which way a packet to the address would take (ip route get).
void encode_get_route(const IpAddress& address, Batch& batch);
// The answer names no gateway.
[[nodiscard]] bool route_is_direct(Bytes payload);

// What to do when the address is there already.
enum class IfPresent { kRefuse, kReplaceLifetime };

// The address as this project puts it: /32 or /128, nodad, noprefixroute, marked as ours.
// - On lo the scope is host: the kernel takes a global address on lo as the source of packets that
//   leave through an interface without an address of its own, one of scope host never
//   (inet_select_addr).
// - IPv6 addresses are born deprecated, so that they are never chosen as a source (RFC 6724 rule
// 3);
//   an IPv4 /32 on the uplink is not chosen while another address shares a subnet with the gateway.
void encode_add_address(const AddAddress& operation, int interface_index, IfPresent if_present,
                        Batch& batch);
void encode_delete_address(const DeleteAddress& operation, int interface_index, Batch& batch);

// Nothing: malformed, or of a kind that does not matter here.
[[nodiscard]] std::optional<ObservedLink> decode_link(Bytes payload);
// Also nothing for an address of an interface that `names` does not have.
struct MarkedAddress {
  ObservedAddress address;    // whose it is, recognise() says
  std::uint8_t protocol = 0;  // IFA_PROTO; 0: not set, or the kernel does not know it
  bool has_old_mark = false;  // our label or metric
};
[[nodiscard]] std::optional<MarkedAddress> decode_address(Bytes payload, const LinkNames& names);
// Which of all addresses are ours. A kernel that stores IFA_PROTO (5.18 and later) gives one to its
// own addresses, ::1 among them: then ours has one, too, and an old mark alone is somebody else's.
[[nodiscard]] std::vector<ObservedAddress> recognise(const std::vector<MarkedAddress>& all);

// Nothing: malformed, of another link, or its hardware address is not known.
[[nodiscard]] std::optional<ObservedNeighbour> decode_neighbour(Bytes payload, int link_index);

// "<interface>:lvs", cut to 15 bytes.
[[nodiscard]] std::string address_label(const std::string& interface);

}  // namespace lvs::netlink
