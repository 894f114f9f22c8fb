#include "agent/vip_places.h"

#include "agent/election/neighbour_frames.h"
#include "core/address_index.h"
#include "core/realise.h"

namespace lvs {
namespace {

std::optional<VipPlace> place_on(const IpAddress& address, const std::string& interface,
                                 const ObservedNetwork& observed) {
  const ObservedLink* link = find_link(observed, interface);
  if (link == nullptr) return std::nullopt;
  return VipPlace{*link, question_source(address, interface, observed.addresses)};
}

}  // namespace

void VipPlaces::set_peers(const std::map<std::string, PlannedDirector>& peers) {
  directors_.clear();
  for (const auto& [node, director] : peers) {
    for (const IpAddress& address : director.addresses) directors_[address] = node;
  }
}

void VipPlaces::look(const std::map<IpAddress, PlannedVip>& vips, const ObservedNetwork& observed) {
  const ObservedNetwork others = without_ours(observed);
  vips_.clear();
  for (const auto& [address, vip] : vips) {
    DirectorVip place;
    place.interface = vip.interface.empty() ? interface_for(address, others) : vip.interface;
    place.on = place_on(address, place.interface, others);
    place.alone = vip.candidates.size() == 1 && vip.candidates.front() == node_;
    vips_.emplace_hint(vips_.end(), address, std::move(place));
  }
}

void VipPlaces::watch_wire(const ObservedNetwork& observed, ElectionPorts& ports) {
  std::map<IpAddress, VipPlace> watched;
  for (const auto& [address, place] : vips_) {
    if (place.on && !place.alone) watched.emplace(address, *place.on);
  }
  for (const auto& [address, node] : directors_) {
    const auto on = place_on(address, interface_for(address, observed), observed);
    if (on && !watched.empty()) watched.emplace(address, *on);
  }
  if (watched != watched_) ports.watch(watched);
  watched_ = std::move(watched);
  // Before one of them is heard for the first time, only this tells its answers from a stranger's.
  for (const auto& [address, node] : directors_) {
    if (watched_.contains(address)) ports.ask(address);
  }
}

const DirectorVip* VipPlaces::find(const IpAddress& vip) const {
  const auto found = vips_.find(vip);
  return found == vips_.end() ? nullptr : &found->second;
}

const std::string* VipPlaces::director_at(const IpAddress& address) const {
  const auto found = directors_.find(address);
  return found == directors_.end() ? nullptr : &found->second;
}

}  // namespace lvs
