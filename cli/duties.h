// Who holds which VIP and who could: what `failover` and `drain` are decided on. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/kube_objects.h"
#include "cli/node_answers.h"

namespace lvs::cli {

struct VipDuty {
  std::string holder;  // empty: nobody
  std::uint64_t term = 0;
  std::vector<std::string> candidates;  // in the order of claim
  std::string concern;                  // why it might not move; empty: nothing is known
  ObjectKey virtual_service;            // one that has it; from a cluster only
};

struct Duties {
  std::map<IpAddress, VipDuty> vips;
  std::set<std::string> directors;
  std::set<std::string> drained;
  // Nodes that did not answer.
  std::set<std::string> silent;

  [[nodiscard]] std::vector<IpAddress> held_by(const std::string& node) const;
  // The one that most likely gets the VIP when its holder offers it; empty: there is none.
  [[nodiscard]] std::string successor(const VipDuty& duty) const;
};

[[nodiscard]] Duties duties_from_agents(const ClusterAnswers& answers);
[[nodiscard]] Duties duties_from_objects(const ClusterObjects& objects);

}  // namespace lvs::cli
