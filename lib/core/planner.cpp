#include "core/planner.h"

#include <iterator>

#include "core/planner_diagnostics.h"
#include "core/planner_state.h"

namespace lvs {
namespace {

template <typename Record>
const Record* find(const std::map<ObjectKey, Record>& records, const ObjectKey& key) {
  const auto found = records.find(key);
  return found == records.end() ? nullptr : &found->second;
}

template <typename Records>
void diagnose_all(const planning::State& state, const Records& records, Diagnostics& out) {
  for (const auto& [key, record] : records) {
    auto found = diagnose(state, record);
    std::move(found.begin(), found.end(), std::back_inserter(out));
  }
}

}  // namespace

struct Planner::State : planning::State {
  using planning::State::State;
};

Planner::Planner(PlannerOptions options) : state_(std::make_unique<State>(options)) {}
Planner::~Planner() = default;
Planner::Planner(Planner&&) noexcept = default;
Planner& Planner::operator=(Planner&&) noexcept = default;

PlanningDelta Planner::update(const ClusterSnapshot& snapshot, const SnapshotDelta& delta) {
  return state_->update(snapshot, delta);
}

const std::map<std::string, HashedPlan>& Planner::plans() const { return state_->book().plans(); }

Diagnostics Planner::diagnostics_of(Kind kind, const ObjectKey& object) const {
  switch (kind) {
    case Kind::kVirtualService:
      if (const auto* record = find(state_->services(), object)) return diagnose(*state_, *record);
      break;
    case Kind::kRealServer:
      if (const auto* record = find(state_->servers(), object)) return diagnose(*state_, *record);
      break;
    case Kind::kNode:
      if (const auto record = state_->nodes().find(object.name); record != state_->nodes().end()) {
        return diagnose(*state_, record->second);
      }
      break;
  }
  return {};
}

Diagnostics Planner::all_diagnostics() const {
  Diagnostics out;
  diagnose_all(*state_, state_->services(), out);
  diagnose_all(*state_, state_->servers(), out);
  diagnose_all(*state_, state_->nodes(), out);
  return out;
}

std::set<ObjectKey> Planner::real_servers_of(const ObjectKey& virtual_service) const {
  std::set<ObjectKey> keys;
  const auto* record = find(state_->services(), virtual_service);
  if (record == nullptr || !record->programmed) return keys;
  for (const auto* server : record->selected) keys.insert(server->object->meta.key);
  return keys;
}

std::set<ObjectKey> Planner::virtual_services_of(const ObjectKey& real_server) const {
  std::set<ObjectKey> keys;
  const auto* record = find(state_->servers(), real_server);
  if (record == nullptr) return keys;
  for (const auto* service : record->selected_by) {
    if (service->programmed) keys.insert(service->object->meta.key);
  }
  return keys;
}

std::vector<std::string> Planner::candidates_of(const IpAddress& vip) const {
  const auto record = state_->vips().find(vip);
  return record == state_->vips().end() ? std::vector<std::string>() : record->second.candidates;
}

}  // namespace lvs
