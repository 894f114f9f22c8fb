// Events of the group events.k8s.io, as `kubectl describe` and `kubectl get events` show them.
#pragma once

#include <string>

#include "api/resources.h"
#include "kube/api_client.h"

namespace lvs {

struct KubeEvent {
  Kind kind = Kind::kVirtualService;
  ObjectKey object;
  std::string uid;   // of the object: kubectl describe finds its events by it
  std::string name;  // of the event; a name of its own for each happening
  bool warning = false;
  std::string reason;  // CamelCase
  std::string action;  // CamelCase
  std::string note;
  WallTime when;
};

// create, in the namespace of event_namespace().
[[nodiscard]] ResourceType event_type();
// Events about what has no namespace are in "default".
[[nodiscard]] std::string event_namespace(const KubeEvent& event);
[[nodiscard]] std::string encode_event(const KubeEvent& event);

}  // namespace lvs
