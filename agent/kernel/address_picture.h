// What the interfaces hold, kept up to date by the requests that are made from it: so a batch sees
// its own effects, and the next one needs no dump. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/kernel/netlink_message.h"
#include "core/observed.h"
#include "core/operation.h"

namespace lvs::netlink {

class AddressPicture {
 public:
  AddressPicture(const std::vector<ObservedLink>& links,
                 const std::vector<ObservedAddress>& addresses);

  // Appends the request and takes it for done, or says with which errno the kernel or our own rules
  // would refuse it: EEXIST and EPERM for a foreign address. AddAddress and DeleteAddress only.
  int encode(const Operation& operation, Batch& batch);

 private:
  using Addresses = std::multimap<IpAddress, ObservedAddress>;

  int encode_add(const AddAddress& add, Batch& batch);
  int encode_delete(const DeleteAddress& gone, Batch& batch);
  // Ours before a foreign one of another prefix length.
  Addresses::iterator find(const IpAddress& address, const std::string& interface);

  std::map<std::string, int> indices_;  // of links
  Addresses addresses_;
};

}  // namespace lvs::netlink
