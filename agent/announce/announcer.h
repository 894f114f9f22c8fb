// Tells the neighbours where a VIP is now.
//
// IPv4: a gratuitous ARP request and a reply, broadcast. RFC 5227 announces by request, and hosts
// update a known neighbour on it; some switches and routers learn only from replies. Sending both
// costs 42 bytes more and leaves nobody out. Neither makes an entry where none was (arp_accept).
// IPv6: an unsolicited neighbour advertisement to all nodes with the override flag (RFC
// 4861 7.2.6).
//
// One call sends once; the caller times bursts and refreshes.
#pragma once

#include "base/result.h"
#include "core/observed.h"

namespace lvs {

class Announcer {
 public:
  virtual ~Announcer() = default;
  // kInvalidArgument: the link is one where nobody asks (loopback, no ARP, no hardware address).
  // kUnavailable: the link is down.
  virtual Result<void> announce(const IpAddress& address, const ObservedLink& link) = 0;
};

}  // namespace lvs
