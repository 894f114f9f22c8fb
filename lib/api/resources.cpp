#include "api/resources.h"

#include <algorithm>

namespace lvs {
namespace {

bool satisfies(const Labels& labels, const LabelRequirement& requirement) {
  using Operator = LabelRequirement::Operator;
  const auto label = labels.find(requirement.key);
  const bool present = label != labels.end();
  const auto listed = [&] {
    return std::find(requirement.values.begin(), requirement.values.end(), label->second) !=
           requirement.values.end();
  };
  switch (requirement.op) {
    case Operator::kIn:
      return present && listed();
    case Operator::kNotIn:
      return !present || !listed();
    case Operator::kExists:
      return present;
    case Operator::kDoesNotExist:
      return !present;
  }
  return false;
}

}  // namespace

std::string to_string(const ObjectKey& key) {
  return key.ns.empty() ? key.name : key.ns + "/" + key.name;
}

bool LabelSelector::matches(const Labels& labels) const {
  const auto has = [&](const auto& wanted) {
    const auto label = labels.find(wanted.first);
    return label != labels.end() && label->second == wanted.second;
  };
  return std::all_of(match_labels.begin(), match_labels.end(), has) &&
         std::all_of(match_expressions.begin(), match_expressions.end(),
                     [&](const auto& r) { return satisfies(labels, r); });
}

bool Node::is_director() const {
  const auto label = meta.labels.find(kDirectorLabel);
  return label != meta.labels.end() && label->second == "true";
}

bool Node::is_drained() const {
  const auto annotation = meta.annotations.find(kDrainAnnotation);
  return cordoned || (annotation != meta.annotations.end() && annotation->second == "true");
}

std::optional<IpAddress> Node::internal_ip(Family family) const {
  const auto found = std::find_if(internal_ips.begin(), internal_ips.end(),
                                  [family](const auto& ip) { return ip.family() == family; });
  if (found == internal_ips.end()) return std::nullopt;
  return *found;
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kVirtualService:
      return "VirtualService";
    case Kind::kRealServer:
      return "RealServer";
    case Kind::kNode:
      return "Node";
  }
  return "?";
}

Kind kind_of(const Resource& resource) { return static_cast<Kind>(resource.index()); }

const ObjectMeta& meta_of(const Resource& resource) {
  return std::visit([](const auto& object) -> const ObjectMeta& { return object.meta; }, resource);
}

}  // namespace lvs
