#include "agent/election_report.h"

#include <algorithm>

#include "telemetry/log.h"

namespace lvs {
namespace {

bool takes(ElectionNews news) {
  return news == ElectionNews::kTook || news == ElectionNews::kAccepted ||
         news == ElectionNews::kAdopted;
}

bool releases(ElectionNews news) {
  switch (news) {
    case ElectionNews::kHandedOver:
    case ElectionNews::kGaveWay:
    case ElectionNews::kLetGo:
    case ElectionNews::kStalled:
    case ElectionNews::kRetired:
      return true;
    default:
      return false;
  }
}

std::string unfit_text(Fitness fitness) {
  switch (fitness) {
    case Fitness::kLinkDown:
      return "its link there has no carrier; check cable, switch and interface";
    case Fitness::kSegmentSilent:
      return "nobody answers it on that network; check the switch port and the VLAN";
    case Fitness::kIpvsNotReady:
      return "its virtual services do not stand in the kernel; see the node's problems";
    case Fitness::kPathBroken:
      return "its path to the real servers fails; check routes and filters there";
    case Fitness::kUnknown:
    case Fitness::kFit:
      break;
  }
  return {};
}

// Empty: nothing to be told.
std::string concern_text(const VipView& view) {
  switch (view.condition) {
    case ElectionCondition::kNone:
      return {};
    case ElectionCondition::kNotFit:
      return unfit_text(view.fitness).empty()
                 ? std::string()
                 : "this director could not take the VIP: " + unfit_text(view.fitness);
    case ElectionCondition::kHeartbeatsLost:
      return "no heartbeat of the holder arrives here, but a director answers for the VIP on the "
             "wire, so nothing moves; let UDP pass between the directors and compare their "
             "heartbeat keys";
    case ElectionCondition::kNoSuccessor:
      return "the VIP shall leave this director, but no other one that is fit and warm is heard, "
             "so it stays; start or repair another candidate";
    case ElectionCondition::kTwoHolders:
      return "another director has the VIP, too; if this stays, they do not hear each other: check "
             "the network between the directors";
    case ElectionCondition::kStranger:
      return "a machine that is no director, hardware address " + to_text(view.stranger) +
             ", claims the VIP; take the address off that machine, or the VIP out of the "
             "VirtualService";
    case ElectionCondition::kLeaseElsewhere:
      return "the VIP's Lease names a director that is not heard and does not have the VIP on this "
             "network; the VIP stays here; check that director and its network";
    case ElectionCondition::kLeaseUnreadable:
      return "the API server does not answer this director, so the VIP's Lease may not say who has "
             "it; the VIP stays where it is";
  }
  return {};
}

}  // namespace

void ElectionReport::hear(const ReportNews& news, WallTime now) {
  log_info("election", {{"vip", news.vip.to_string()},
                        {"news", to_string(news.news)},
                        {"other", news.other},
                        {"term", news.term},
                        {"reason", takes(news.news) ? to_string(news.reason) : ""}});
  if (takes(news.news)) {
    since_[news.vip] = now;
    ++moves_.taken[to_string(news.reason)];
  }
  if (releases(news.news)) ++moves_.released[to_string(news.news)];
}

void ElectionReport::look(const std::vector<VipView>& vips) {
  std::map<IpAddress, Known> known;
  for (const VipView& view : vips) {
    auto& [here, term, report] = known.try_emplace(known.end(), view.vip)->second;
    term = view.term;
    report.concern_message = concern_text(view);
    if (!report.concern_message.empty()) report.concern = to_string(view.condition);
    here = view.phase == ElectionPhase::kHolding || view.phase == ElectionPhase::kRestoring;
    if (!here) continue;
    if (const auto since = since_.find(view.vip); since != since_.end()) {
      report.since = static_cast<std::uint64_t>(since->second.time_since_epoch().count());
    }
    report.taken_because = to_string(view.reason);
    report.previous_holder = view.previous_holder;
    report.standby = view.standby;
  }
  if (known == known_) return;
  known_ = std::move(known);
  ++changes_;
}

void ElectionReport::complete(std::vector<VipReport>& reports) const {
  std::vector<VipReport> left;
  auto report = reports.begin();  // both are sorted by address
  for (const auto& [address, known] : known_) {
    while (report != reports.end() && report->address < address) ++report;
    if (report != reports.end() && report->address == address) {
      report->term = known.term;
      report->election = known.report;
    } else if (known.here) {
      left.push_back({address, "", true, true, known.term, "", "", known.report});
    }
  }
  if (left.empty()) return;
  reports.insert(reports.end(), left.begin(), left.end());
  std::sort(reports.begin(), reports.end(),
            [](const VipReport& a, const VipReport& b) { return a.address < b.address; });
}

std::vector<PeerReport> peer_reports(const std::vector<DirectorView>& directors, TimePoint now) {
  std::vector<PeerReport> reports;
  reports.reserve(directors.size());
  for (const DirectorView& view : directors) {
    PeerReport report{view.node,    view.alive,    view.warm,   view.available, view.round_trip,
                      std::nullopt, view.received, view.missed, view.ignored};
    if (view.received > 0) report.last_heard = now - view.last_heard;
    reports.push_back(std::move(report));
  }
  return reports;
}

HeartbeatCounts heartbeat_counts(const HeartbeatStats& stats) {
  HeartbeatCounts counts{stats.sent, stats.received, {}};
  for (std::size_t i = 0; i < kHeartbeatTroubles; ++i) {
    const auto trouble = static_cast<HeartbeatTrouble>(i);
    if (stats.of(trouble) > 0) counts.troubles[to_string(trouble)] = stats.of(trouble);
  }
  return counts;
}

std::string to_text(const HardwareAddress& address) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : address) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

}  // namespace lvs
