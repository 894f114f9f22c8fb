// The hashes of the entries of a plan; their sum is the plan's. Internal to lib/core.
#pragma once

#include "core/plan.h"

namespace lvs {

[[nodiscard]] ContentHash hash_of_vip(const IpAddress& address, const PlannedVip& vip);
[[nodiscard]] ContentHash hash_of_director(const std::string& node,
                                           const PlannedDirector& director);
[[nodiscard]] ContentHash hash_of_header(const ServiceKey& key, const PlannedServiceHeader& header);
// `service` is hash_of_key() of the service, so that it is not computed for every destination.
[[nodiscard]] ContentHash hash_of_destination(const ContentHash& service,
                                              const PlannedDestination& destination);
[[nodiscard]] ContentHash hash_of_key(const ServiceKey& key);
[[nodiscard]] ContentHash hash_of_backend(const IpAddress& vip, const PlannedBackend& backend);
[[nodiscard]] ContentHash hash_of_withdrawn(const ObjectKey& virtual_service);

}  // namespace lvs
