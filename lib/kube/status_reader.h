// The status of all our resources as it stands at the API server: what an earlier operator wrote.
#pragma once

#include <map>
#include <string>

#include "api/status.h"
#include "kube/api_client.h"

namespace lvs {

struct KnownStatuses {
  std::map<ObjectKey, VirtualServiceStatus> virtual_services;
  std::map<ObjectKey, RealServerStatus> real_servers;
};

// Lists in pages; all or nothing. `ns` empty: all namespaces.
[[nodiscard]] Result<KnownStatuses> read_statuses(ApiClient& client, const std::string& ns,
                                                  const CallOptions& call);

}  // namespace lvs
