// Something that happened to an object, for people: an Event of Kubernetes, or a log line.
#pragma once

#include <string>

#include "api/resources.h"

namespace lvs {

struct ObjectEvent {
  Kind kind = Kind::kVirtualService;
  ObjectKey object;
  std::string uid;  // of the object; empty from a directory
  bool warning = false;
  std::string reason;  // CamelCase: VIPMoved, VIPLost, NoStandby, ...
  std::string action;  // CamelCase: what was done
  std::string note;
  // The same text for the same happening, whoever tells it and how often: it is told once.
  std::string occurrence;
  WallTime when;

  bool operator==(const ObjectEvent&) const = default;
};

}  // namespace lvs
