// The objects of a cluster with their status, read through the API server.
#pragma once

#include <map>
#include <string>

#include "api/status.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/snapshot.h"

namespace lvs::cli {

struct KubeChoice {
  std::string kubeconfig;  // empty: as kubectl finds it
  std::string context;
  std::string ns;  // empty: all namespaces
};

struct ClusterObjects {
  ClusterSnapshot snapshot;
  std::map<ObjectKey, VirtualServiceStatus> virtual_services;
  std::map<ObjectKey, RealServerStatus> real_servers;
  std::vector<std::string> problems;  // objects that this version cannot read
};

[[nodiscard]] Result<ClusterObjects> read_cluster(const KubeChoice& choice, Duration timeout);

// A JSON merge patch.
[[nodiscard]] Result<void> patch_object(const KubeChoice& choice, Kind kind, const ObjectKey& key,
                                        const std::string& json, Duration timeout);

// Pure; what is missing or of another type is left at its default.
[[nodiscard]] VirtualServiceStatus decode_virtual_service_status(const std::string& object_json);
[[nodiscard]] RealServerStatus decode_real_server_status(const std::string& object_json);

}  // namespace lvs::cli
