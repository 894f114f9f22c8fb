// coordination.k8s.io/v1 Lease: read, create, and compare-and-swap. The decisions (who may take it,
// when) are the caller's; nothing here reads a clock or retries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/resources.h"
#include "base/clock.h"
#include "base/result.h"
#include "kube/api_client.h"

namespace lvs {

struct Lease {
  ObjectKey key;
  Labels labels;
  std::string holder;             // empty: nobody
  Duration duration{15'000};      // whole seconds on the wire, at least one
  std::uint64_t transitions = 0;  // the term: grows with every new holder
  std::string acquire_time;       // RFC 3339 with microseconds, as format_micro_time() writes it
  std::string renew_time;
  std::string resource_version;  // of the read that this value came from; empty: not yet created

  bool operator==(const Lease&) const = default;
};

[[nodiscard]] std::string format_micro_time(std::chrono::system_clock::time_point time);

[[nodiscard]] Result<Lease> decode_lease(std::string_view json_text);
// The items of a LeaseList; those that cannot be decoded are left out.
[[nodiscard]] Result<std::vector<Lease>> decode_lease_list(std::string_view json_text);
[[nodiscard]] std::string encode_lease(const Lease& lease);

class LeaseClient {
 public:
  // `timeout` is for one call; there is no second try.
  LeaseClient(ApiClient& client, Duration timeout) : client_(client), timeout_(timeout) {}

  [[nodiscard]] Result<Lease> get(const ObjectKey& key);
  // All of a namespace, in one answer.
  [[nodiscard]] Result<std::vector<Lease>> list(const std::string& ns);
  // kAlreadyExists when somebody was faster.
  [[nodiscard]] Result<Lease> create(const Lease& lease);
  // Only if it is still at lease.resource_version, else kConflict: read again, decide anew.
  [[nodiscard]] Result<Lease> update(const Lease& lease);

 private:
  ApiClient& client_;
  Duration timeout_;
};

}  // namespace lvs
