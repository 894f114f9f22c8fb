// NodeState: what one node's kernel holds and what its agent wants, for people and lvsctl.
#pragma once

#include <string>
#include <vector>

#include "core/observed.h"
#include "core/report.h"

namespace lvs {

struct NodeState {
  NodeStatus status;
  std::vector<ObservedService> services;  // all of the kernel's, foreign ones too
  std::vector<ObservedAddress> addresses;
  std::vector<ObservedArp> arp;
  // What the agent would do now, one line each in ipvsadm and ip syntax; empty: the kernel is
  // right.
  std::vector<std::string> pending;
};

}  // namespace lvs
