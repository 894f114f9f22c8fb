#include "agent/kernel/address_picture.h"

#include <cerrno>

#include "agent/kernel/netlink_route_codec.h"

namespace lvs::netlink {

AddressPicture::AddressPicture(const std::vector<ObservedLink>& links,
                               const std::vector<ObservedAddress>& addresses) {
  for (const auto& link : links) indices_[link.name] = link.index;
  for (const auto& address : addresses) addresses_.emplace(address.address, address);
}

int AddressPicture::encode(const Operation& operation, Batch& batch) {
  if (const auto* add = std::get_if<AddAddress>(&operation)) return encode_add(*add, batch);
  return encode_delete(std::get<DeleteAddress>(operation), batch);
}

int AddressPicture::encode_add(const AddAddress& add, Batch& batch) {
  const auto index = indices_.find(add.interface);
  if (index == indices_.end()) return ENODEV;
  const auto at = find(add.address, add.interface);
  if (at == addresses_.end()) {
    // Should it be there already, the kernel refuses.
    encode_add_address(add, index->second, IfPresent::kRefuse, batch);
    addresses_.emplace(add.address, ObservedAddress{add.address, address_bits(add.address.family()),
                                                    add.interface, true, add.valid_seconds, false});
    return 0;
  }
  ObservedAddress& present = at->second;
  const bool nothing_to_do = present.valid_seconds == 0 && add.valid_seconds == 0;
  if (!present.owned || nothing_to_do) return EEXIST;
  encode_add_address(add, index->second, IfPresent::kReplaceLifetime, batch);
  present.valid_seconds = add.valid_seconds;
  return 0;
}

int AddressPicture::encode_delete(const DeleteAddress& gone, Batch& batch) {
  const auto index = indices_.find(gone.interface);
  if (index == indices_.end()) return ENODEV;
  const auto at = find(gone.address, gone.interface);
  if (at == addresses_.end()) return EADDRNOTAVAIL;
  if (!at->second.owned) return EPERM;
  encode_delete_address(gone, index->second, batch);
  addresses_.erase(at);
  return 0;
}

AddressPicture::Addresses::iterator AddressPicture::find(const IpAddress& address,
                                                         const std::string& interface) {
  auto found = addresses_.end();
  const auto [first, last] = addresses_.equal_range(address);
  for (auto at = first; at != last; ++at) {
    if (at->second.interface != interface) continue;
    if (at->second.owned) return at;
    if (found == addresses_.end()) found = at;
  }
  return found;
}

}  // namespace lvs::netlink
