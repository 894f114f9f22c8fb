#include <algorithm>
#include <set>

#include "core/address_index.h"
#include "core/diff.h"

namespace lvs {
namespace {

// arp_ignore: 1 and 2 answer only for addresses of the arriving interface, 3 not for addresses of
// scope host, 8 never; other values behave like 0 (arp_ignore() in net/ipv4/arp.c, kernel 6.1).
bool ignores(int value) { return value == 1 || value == 2 || value == 3 || value == 8; }
// arp_announce: 2 is "the best local address"; values above it behave like 0 (arp_solicit()).
bool announces_best(int value) { return value == 2; }

constexpr int kOurIgnore = 1;
constexpr int kOurAnnounce = 2;

const ObservedArp* find_arp(const ObservedNetwork& observed, const std::string& interface) {
  const auto at = std::find_if(observed.arp.begin(), observed.arp.end(),
                               [&](const ObservedArp& arp) { return arp.interface == interface; });
  return at == observed.arp.end() ? nullptr : &*at;
}

class NetworkDiff {
 public:
  NetworkDiff(const DesiredNetwork& desired, const ObservedNetwork& observed,
              const SavedArpValues& saved)
      : desired_(desired), observed_(observed), result_{{}, saved} {}

  // An address that moves from lo to the uplink is on one of them at every moment. The other way the
  // uplink's goes first, because a VIP has one holder; NetworkKeeper::obey() has put it on lo by then.
  NetworkChange run() && {
    if (desired_.local_delivery != observed_.local_delivery) {
      result_.operations.push_back(SetLocalDelivery{desired_.local_delivery});
    }
    for (const std::string& interface : desired_.silent_arp) silence(interface);
    delete_addresses(/*on_loopback=*/false);
    add_addresses();
    delete_addresses(/*on_loopback=*/true);
    restore_arp();
    return std::move(result_);
  }

 private:
  void silence(const std::string& interface) {
    const ObservedArp* arp = find_arp(observed_, interface);
    if (arp == nullptr || arp_is_silent(*arp)) return;
    const SetArp wanted{
        interface, ignores(std::max(arp->ignore, arp->all_ignore)) ? arp->ignore : kOurIgnore,
        announces_best(std::max(arp->announce, arp->all_announce)) ? arp->announce : kOurAnnounce};
    // Nothing to change here and still not silent: conf/all overrides us, which is not ours to set.
    if (wanted.ignore == arp->ignore && wanted.announce == arp->announce) return;
    result_.saved.try_emplace(interface, SavedArp{arp->ignore, arp->announce});
    result_.operations.push_back(wanted);
  }

  void add_addresses() {
    const AddressIndex present(observed_);
    for (const DesiredVip& vip : desired_.vips) {
      if (present.find(vip.address, vip.interface) == nullptr) {
        result_.operations.push_back(AddAddress{vip.address, vip.interface, vip.scope, 0});
      }
    }
  }

  void delete_addresses(bool on_loopback) {
    std::set<std::pair<IpAddress, std::string>> wanted;
    for (const DesiredVip& vip : desired_.vips) wanted.emplace(vip.address, vip.interface);
    for (const ObservedAddress& present : observed_.addresses) {
      if (!present.owned || is_loopback(observed_, present.interface) != on_loopback) continue;
      if (!wanted.contains({present.address, present.interface})) {
        result_.operations.push_back(DeleteAddress{present.address, present.interface});
      }
    }
  }

  // A value that is no longer the one that we set was set by somebody else since: it stays.
  void restore_arp() {
    for (auto at = result_.saved.begin(); at != result_.saved.end();) {
      const auto& [interface, old] = *at;
      if (std::binary_search(desired_.silent_arp.begin(), desired_.silent_arp.end(), interface)) {
        ++at;
        continue;
      }
      const ObservedArp* arp = find_arp(observed_, interface);
      if (arp == nullptr || !restore(*arp, old)) {
        at = result_.saved.erase(at);
      } else {
        ++at;  // remembered until the old values were read back
      }
    }
  }

  bool restore(const ObservedArp& arp, const SavedArp& old) {
    const SetArp wanted{arp.interface, arp.ignore == kOurIgnore ? old.ignore : arp.ignore,
                        arp.announce == kOurAnnounce ? old.announce : arp.announce};
    if (wanted.ignore == arp.ignore && wanted.announce == arp.announce) return false;
    result_.operations.push_back(wanted);
    return true;
  }

  const DesiredNetwork& desired_;
  const ObservedNetwork& observed_;
  NetworkChange result_;
};

}  // namespace

bool arp_is_silent(const ObservedArp& arp) {
  return ignores(std::max(arp.ignore, arp.all_ignore)) &&
         announces_best(std::max(arp.announce, arp.all_announce));
}

NetworkChange diff_network(const DesiredNetwork& desired, const ObservedNetwork& observed,
                           const SavedArpValues& saved) {
  return NetworkDiff(desired, observed, saved).run();
}

}  // namespace lvs
