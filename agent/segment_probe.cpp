#include "agent/segment_probe.h"

#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr std::size_t kWitnesses = 4;
// On a busy machine an answer may be late for a moment.
constexpr Duration kWorthALine{500};

}  // namespace

std::vector<IpAddress> choose_witnesses(const std::vector<netlink::ObservedNeighbour>& neighbours,
                                        Family family,
                                        const std::function<bool(const IpAddress&)>& elected) {
  std::set<HardwareAddress> directors;
  for (const auto& each : neighbours) {
    if (elected(each.address)) directors.insert(each.hardware_address);
  }
  std::vector<IpAddress> witnesses;
  for (const auto& each : neighbours) {
    const bool fits = each.reachable && each.address.family() == family;
    if (!fits || directors.contains(each.hardware_address)) continue;
    if (witnesses.size() < kWitnesses) witnesses.push_back(each.address);
  }
  return witnesses;
}

bool SegmentProbe::carries(const IpAddress& vip, const VipPlace& place, WireProber& prober) {
  const int link = place.link.index;
  SegmentWatch::Step step{};
  bool silent = false;
  {
    const std::lock_guard lock(mutex_);
    step = watch_.asked(link, clock_.now());
    silent = watch_.is_silent(link, clock_.now());
  }
  if (step == SegmentWatch::Step::kBegin) find_witnesses(vip, link);
  if (step != SegmentWatch::Step::kNothing) {
    for (const IpAddress& address : witnesses_[link]) {
      const bool same = address.family() == vip.family();
      (void)prober.ask(address, place.link, same ? place.asks_from : std::nullopt);
    }
  }
  if (silent) say_silent(place.link);
  return !silent;
}

void SegmentProbe::find_witnesses(const IpAddress& vip, int link) {
  const auto neighbours = route_.dump_neighbours(link);
  if (!neighbours) log_debug("neighbours not read", {{"error", neighbours.error().message}});
  witnesses_[link] =
      choose_witnesses(neighbours.value_or(std::vector<netlink::ObservedNeighbour>{}), vip.family(),
                       [this](const IpAddress& address) { return elected_.contains(address); });
  if (!witnesses_[link].empty()) return;
  const std::lock_guard lock(mutex_);
  watch_.has_no_witness(link);
}

void SegmentProbe::say_silent(const ObservedLink& link) {
  {
    const std::lock_guard lock(mutex_);
    Silence& silence =
        silent_.try_emplace(link.index, Silence{link.name, clock_.now()}).first->second;
    if (silence.said || clock_.now() - silence.since < kWorthALine) return;
    silence.said = true;
  }
  log_warning("nobody answers on the segment; no VIP is taken there until somebody does",
              {{"interface", link.name}});
}

void SegmentProbe::heard(int link) {
  Silence ended;
  {
    const std::lock_guard lock(mutex_);
    watch_.heard(link);
    const auto at = silent_.find(link);
    if (at == silent_.end()) return;
    ended = std::move(at->second);
    silent_.erase(at);
  }
  if (ended.said) log_info("the segment answers again", {{"interface", ended.link}});
}

}  // namespace lvs
