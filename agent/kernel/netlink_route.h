// Links and addresses of this network namespace through rtnetlink.
//
// Threads: one at a time, all of one network namespace. Foreign addresses are never changed: adding
// over one is EEXIST, deleting one is EPERM.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/kernel/address_picture.h"
#include "agent/kernel/kernel.h"
#include "agent/kernel/netlink_route_codec.h"
#include "agent/kernel/netlink_socket.h"

namespace lvs::netlink {

class Route {
 public:
  Result<std::vector<ObservedLink>> dump_links();  // by index
  // Of these links, both families, by address and interface.
  Result<std::vector<ObservedAddress>> dump_addresses(const std::vector<ObservedLink>& links);

  // One question for each; nothing is dumped.
  Result<std::set<IpAddress>> off_link(const std::set<IpAddress>& addresses);

  // Of this link, both families; those whose hardware address is not known are left out.
  Result<std::vector<ObservedNeighbour>> dump_neighbours(int link_index);

  // AddAddress and DeleteAddress only. Failures carry `base` + the operation's place. Adding an
  // address that is ours already sets its lifetime anew; EEXIST when both are for ever. What the last
  // dump and the operations since have told is remembered: addresses are dumped again only before
  // one is deleted, and when the kernel or the memory refuses something.
  void apply(std::span<const Operation> operations, std::size_t base, ApplyReport& report);

 private:
  Result<void> open();
  Result<void> dump(const std::function<void(Batch&)>& encode, std::uint16_t type,
                    const std::function<void()>& restart,
                    const std::function<void(Bytes)>& on_payload);
  struct Outcome {
    std::vector<OperationFailure> failures;  // by the operation's place
    bool in_doubt = false;
  };
  Outcome look_and_attempt(std::span<const Operation> operations,
                           const std::vector<std::size_t>& places);
  Outcome attempt(std::span<const Operation> operations, const std::vector<std::size_t>& places);
  void send(std::span<const Operation> operations, const std::vector<std::size_t>& sent,
            Outcome& outcome);

  std::optional<Socket> socket_;
  std::optional<AddressPicture> picture_;
  Batch batch_;
};

}  // namespace lvs::netlink
