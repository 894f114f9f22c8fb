#include "core/planner_backends.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "core/planner_pool.h"

namespace lvs::planning {
namespace {

// The oldest real server's address counts.
bool precedes(const BackendClaim& a, const BackendClaim& b) {
  const auto rank = [](const BackendClaim& claim) {
    return std::tie(claim.created, claim.server->object->meta.key, claim.backend.server_address,
                    claim.backend.forwarding);
  };
  return rank(a) < rank(b);
}

bool has_anything(const NodeStatus& report) {
  return !report.vips.empty() || !report.lingering.empty();
}

// A node that may have services of ours in its kernel.
bool may_send(const NodeRecord& node) {
  return node.object != nullptr &&
         (node.sends || (node.report != nullptr && has_anything(*node.report)));
}

// Every address by which directors may reach the node.
bool is_address_of(const NodeRecord& node, const HeldBackend& held, const IpAddress& address) {
  if (held.backend.server_address == address) return true;
  const auto& ips = node.object->internal_ips;
  return std::find(ips.begin(), ips.end(), address) != ips.end();
}

// The director follows its present plan, in which the backend is not, and has drained it.
bool is_clean(const NodeRecord& director, const NodeRecord& node, const IpAddress& vip,
              const HeldBackend& held, const PlanBook& book) {
  const HashedPlan* plan = book.find(director.name);
  if (director.report == nullptr || plan == nullptr) return false;
  if (director.report->applied_plan != plan->hash()) return false;
  const auto& lingering = director.report->lingering;
  return std::none_of(lingering.begin(), lingering.end(), [&](const LingeringDestination& left) {
    return left.service.address == vip && is_address_of(node, held, left.key.address);
  });
}

// A backend that the planner itself did not plan (it was planned in an earlier life): what the
// node's agent says, and where the node's own plan has lost it too, the node's address.
PlannedBackend reported_backend(const NodeRecord& node, const BackendReport& report) {
  if (report.server_address) return {*report.server_address, report.forwarding};
  const auto address = node.object->internal_ip(report.vip.family());
  return {address.value_or(IpAddress(report.vip.family(), {})), report.forwarding};
}

const PlannedBackend* backend_of(const NodeRecord& node, const IpAddress& vip) {
  const auto wanted = node.wanted.find(vip);
  if (wanted != node.wanted.end()) return &wanted->second.front().backend;
  const auto held = node.held.find(vip);
  if (held == node.held.end() || held->second.released) return nullptr;
  return &held->second.backend;
}

void flush_node(NodeRecord& node, PlanBook& book) {
  const HashedPlan* plan = book.find(node.name);
  std::vector<PlanEdit> edits;
  for (const auto& vip : node.dirty_backends) {
    if (plan == nullptr) break;
    const PlannedBackend* target = backend_of(node, vip);
    const auto stands = plan->plan().backends.find(vip);
    const bool there = stands != plan->plan().backends.end();
    if (target != nullptr && (!there || stands->second != *target)) {
      edits.emplace_back(PutBackend{vip, *target});
    } else if (target == nullptr && there) {
      edits.emplace_back(RemoveBackend{vip});
    }
  }
  node.dirty_backends.clear();
  book.apply(node.name, edits);
}

}  // namespace

void Backends::claim(ServiceRecord& service, std::vector<BackendClaim> now) {
  std::vector<BackendClaim> gone;
  std::vector<BackendClaim> came;
  std::set_difference(service.backends.begin(), service.backends.end(), now.begin(), now.end(),
                      std::back_inserter(gone));
  std::set_difference(now.begin(), now.end(), service.backends.begin(), service.backends.end(),
                      std::back_inserter(came));
  for (const auto& claim : gone) {
    auto wanted = claim.node->wanted.find(claim.vip);
    auto& claims = wanted->second;
    claims.erase(std::find(claims.begin(), claims.end(), claim));
    if (claims.empty()) claim.node->wanted.erase(wanted);
  }
  for (const auto& claim : came) {
    auto& claims = claim.node->wanted[claim.vip];
    claims.insert(std::lower_bound(claims.begin(), claims.end(), claim, precedes), claim);
  }
  for (const auto* changed : {&gone, &came}) {
    for (const auto& claim : *changed) {
      claim.node->dirty_backends.insert(claim.vip);
      touched_.insert(claim.node);
    }
  }
  service.backends = std::move(now);
}

void Backends::forget(NodeRecord& node) {
  touched_.erase(&node);
  holding_.erase(&node);
}

void Backends::touch(NodeRecord& node, const std::set<IpAddress>& vips) {
  if (vips.empty()) return;
  node.dirty_backends.insert(vips.begin(), vips.end());
  touched_.insert(&node);
}

void Backends::rewrite(NodeRecord& node) {
  touched_.insert(&node);
  for (const auto& [vip, claims] : node.wanted) node.dirty_backends.insert(vip);
  for (const auto& [vip, held] : node.held) node.dirty_backends.insert(vip);
  if (node.report == nullptr) return;
  for (const auto& backend : node.report->backends) node.dirty_backends.insert(backend.vip);
}

// Of the dirty ones: the node has it, and nothing wants it.
void Backends::refresh_held(NodeRecord& node, const PlanBook& book) {
  const HashedPlan* plan = book.find(node.name);
  for (const auto& vip : node.dirty_backends) {
    const BackendReport* report =
        plan == nullptr || node.report == nullptr ? nullptr : find_backend(*node.report, vip);
    if (report == nullptr || node.wanted.contains(vip)) {
      node.held.erase(vip);
    } else if (!node.held.contains(vip)) {
      const auto stands = plan->plan().backends.find(vip);
      const bool there = stands != plan->plan().backends.end();
      node.held[vip] = {there ? stands->second : reported_backend(node, *report), {}, false};
    }
  }
  if (node.held.empty()) {
    holding_.erase(&node);
  } else {
    holding_.insert(&node);
  }
}

std::vector<const NodeRecord*> waiting_for(const HeldBackend& held, const NodeRecords& nodes) {
  std::vector<const NodeRecord*> waiting;
  for (const auto& [name, director] : nodes) {
    if (may_send(director) && !held.clean.contains(name)) waiting.push_back(&director);
  }
  return waiting;
}

void Backends::release(NodeRecord& node, const NodeRecords& nodes, const PlanBook& book) {
  for (auto& [vip, held] : node.held) {
    if (held.released) continue;
    for (const auto* director : waiting_for(held, nodes)) {
      if (is_clean(*director, node, vip, held, book)) held.clean.insert(director->name);
    }
    held.released = waiting_for(held, nodes).empty();
    if (held.released) node.dirty_backends.insert(vip);
  }
}

void Backends::flush(NodeRecords& nodes, PlanBook& book) {
  for (NodeRecord* node : touched_) {
    refresh_held(*node, book);
    book.delta().nodes.insert(node->name);
  }
  for (NodeRecord* node : touched_) flush_node(*node, book);
  touched_.clear();
  // First look at all, then write: a plan that changes here is not yet applied, and would make its
  // node look unfinished to the next.
  for (NodeRecord* node : holding_) release(*node, nodes, book);
  // Whom they wait for may have changed.
  for (NodeRecord* node : holding_) book.delta().nodes.insert(node->name);
  for (NodeRecord* node : holding_) flush_node(*node, book);
}

}  // namespace lvs::planning
