// The frames by which the wire is asked who has an address, and what others say about theirs.
// Ethernet header included, without VLAN tag (the kernel takes it off). Pure, and safe for any
// bytes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/announce/frame_parts.h"
#include "core/observed.h"

namespace lvs {

// IPv4: an ARP request to all. Without a source it is a probe (RFC 5227 2.1.1), which no cache
// learns from. IPv6: a neighbour solicitation to the solicited-node group; without a source (a
// link-local address) it is from ::, and the answer goes to all nodes (RFC 4861 7.2.4).
[[nodiscard]] Frame wire_question(const IpAddress& vip, const HardwareAddress& sender,
                                  const std::optional<IpAddress>& source);

// The address of this node to ask from on that interface: IPv4 one in whose network the VIP is,
// else any, never one that is ours to move (ObservedAddress::owned); IPv6 a link-local one.
[[nodiscard]] std::optional<IpAddress> question_source(
    const IpAddress& vip, const std::string& interface,
    const std::vector<ObservedAddress>& addresses);

struct NeighbourWord {
  enum class Kind : std::uint8_t {
    kAnswer,        // to us: an ARP reply, a solicited neighbour advertisement
    kAnnouncement,  // everything else by which a machine says that it has the address
  };
  Kind kind = Kind::kAnswer;
  IpAddress address;
  HardwareAddress from{};

  friend bool operator==(const NeighbourWord&, const NeighbourWord&) = default;
};

// What the frame says about who has an address. An ARP packet says it with its sender's protocol
// address whatever the operation (RFC 5227 2.4), a neighbour advertisement with its target, a
// neighbour solicitation with its source address. Nothing: it says nothing, is malformed or was
// routed, has a wrong checksum, or is our own.
[[nodiscard]] std::optional<NeighbourWord> read_neighbour_frame(FrameView frame,
                                                                const HardwareAddress& own);

}  // namespace lvs
