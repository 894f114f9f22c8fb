#include "agent/network_report.h"

#include <algorithm>

#include "core/address_index.h"
#include "core/diff.h"
#include "core/realise.h"

namespace lvs {
namespace {

// They are sorted by address.
const DesiredVip* find_desired(const DesiredNetwork& desired, const IpAddress& address) {
  const auto at =
      std::lower_bound(desired.vips.begin(), desired.vips.end(), address,
                       [](const DesiredVip& vip, const IpAddress& a) { return vip.address < a; });
  return at == desired.vips.end() || at->address != address ? nullptr : &*at;
}

// A problem's object is the address, alone or followed by " on <interface>".
const ProblemReport* find_problem(const std::vector<ProblemReport>& problems,
                                  const IpAddress& address) {
  if (problems.empty()) return nullptr;
  const std::string text = address.to_string();
  const auto at = std::find_if(problems.begin(), problems.end(), [&](const ProblemReport& problem) {
    return problem.object == text || problem.object.rfind(text + " on ", 0) == 0;
  });
  return at == problems.end() ? nullptr : &*at;
}

bool has_carrier(const ObservedNetwork& observed, const std::string& interface) {
  return std::any_of(observed.links.begin(), observed.links.end(), [&](const ObservedLink& link) {
    return link.name == interface && link.up && link.carrier;
  });
}

void explain(VipReport& report, const NetworkFacts& facts) {
  if (const ProblemReport* problem = find_problem(facts.problems, report.address)) {
    report.reason = problem->reason;
    report.message = problem->message;
  } else if (!report.present && facts.waiting.contains(report.address)) {
    report.reason = "ServicesNotProgrammed";
    report.message = "the VIP waits until its virtual services stand in the kernel";
  } else if (report.present && !has_carrier(facts.observed, report.interface)) {
    report.reason = "LinkDown";
    report.message = "interface " + report.interface + " has no carrier; check cable and switch";
  }
}

BackendReport report_backend(const IpAddress& vip, const PlannedBackend& backend,
                             const NetworkFacts& facts) {
  BackendReport report{vip, false, {}, {}, backend.server_address, backend.forwarding};
  const DesiredVip* wanted = find_desired(facts.desired, vip);
  const bool needs_nothing = backend.forwarding == ForwardingMethod::kMasquerade;
  // Where this node holds the VIP itself, the uplink's address serves both purposes.
  const bool present = wanted != nullptr && is_on(vip, wanted->interface, facts.observed);
  const bool silent = (wanted != nullptr && wanted->scope == VipScope::kUplink) ||
                      is_silent_for(vip, backend, facts.observed);
  report.prepared = needs_nothing || (present && silent);
  if (report.prepared) return report;
  if (const ProblemReport* problem = find_problem(facts.problems, vip)) {
    report.reason = problem->reason;
    report.message = problem->message;
  } else if (!silent) {
    report.reason = "WrongArpSetting";
    report.message = "arp_ignore and arp_announce of the interface of " +
                     backend.server_address.to_string() +
                     " are not in effect; net.ipv4.conf.all may override them";
  } else {
    report.reason = "AddressMissing";
    report.message = vip.to_string() + " is not on lo yet";
  }
  return report;
}

}  // namespace

bool is_on(const IpAddress& address, const std::string& interface,
           const ObservedNetwork& observed) {
  return std::any_of(observed.addresses.begin(), observed.addresses.end(),
                     [&](const ObservedAddress& present) {
                       return present.address == address && present.interface == interface;
                     });
}

bool is_silent_for(const IpAddress& vip, const PlannedBackend& backend,
                   const ObservedNetwork& observed) {
  if (vip.family() == Family::kV6) return true;
  const std::string ingress = ingress_interface(backend.server_address, observed);
  return std::any_of(observed.arp.begin(), observed.arp.end(), [&](const ObservedArp& arp) {
    return arp.interface == ingress && arp_is_silent(arp);
  });
}

std::set<IpAddress> may_be_on_loopback(const NodePlan& plan, const ObservedNetwork& observed) {
  std::set<IpAddress> vips;
  for (const auto& [vip, backend] : plan.backends) {
    const bool rewritten = backend.forwarding == ForwardingMethod::kMasquerade;
    if (!rewritten && is_silent_for(vip, backend, observed)) vips.insert(vip);
  }
  return vips;
}

std::vector<VipReport> report_vips(const NetworkFacts& facts) {
  std::vector<VipReport> reports;
  const AddressIndex seen(facts.observed);
  const ObservedNetwork others = without_ours(facts.observed);
  for (const auto& [address, vip] : facts.plan.vips) {
    VipReport report;
    report.address = address;
    if (const auto role = facts.roles.find(address); role != facts.roles.end()) {
      report.holder = role->second.role == Role::kHolder;
      report.term = role->second.term;
    }
    const DesiredVip* wanted = find_desired(facts.desired, address);
    const bool uplink = wanted != nullptr && wanted->scope == VipScope::kUplink;
    report.interface = uplink                  ? wanted->interface
                       : vip.interface.empty() ? interface_for(address, others)
                                               : vip.interface;
    report.present = seen.find(address, report.interface) != nullptr;
    explain(report, facts);
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<BackendReport> report_backends(const NetworkFacts& facts) {
  std::vector<BackendReport> reports;
  for (const auto& [vip, backend] : facts.plan.backends) {
    reports.push_back(report_backend(vip, backend, facts));
  }
  for (const ObservedAddress& present : facts.observed.addresses) {
    const bool lingers = present.owned && is_loopback(facts.observed, present.interface) &&
                         facts.plan.backends.count(present.address) == 0;
    if (!lingers) continue;
    reports.push_back({present.address, true, "WaitsForRemoval",
                       "the plan does not want it on " + present.interface + " any more"});
  }
  std::sort(reports.begin(), reports.end(),
            [](const BackendReport& a, const BackendReport& b) { return a.vip < b.vip; });
  return reports;
}

}  // namespace lvs
