// The agent's HTTP interface, for both ends.
//
//   PUT   /v1/plan              the whole plan; ETag of the answer is its hash
//   PATCH /v1/plan              a PlanPatch; If-Match the hash that it starts from; 412: send the
//                               whole plan
//   GET   /v1/status?after=REV  NodeStatus; waits (at most kLongestPoll) until its revision is
//                               greater than REV; the revision is in the header kRevisionHeader
//   GET   /v1/state             NodeState
//   PUT   /v1/drain             a DrainRequest: every VIP goes to other directors, none comes
//   POST  /v1/moves             a MoveRequest; 200: it is tried for ten seconds. 409: the VIP is
//                               not here in that term, or no candidate has that name
//
// 200 to PUT and PATCH of a plan means: stored on disk; the status tells when the kernel follows.
// 409: a plan of a higher term was seen, or the plan is for another node. 500: it could not be
// stored. Names of certificates: the operator may everything, kAdminName may GET, drain and move.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "core/plan.h"
#include "core/report.h"
#include "http/client.h"
#include "wire/duty_request.h"
#include "wire/node_state.h"

namespace lvs {

inline constexpr const char* kPlanPath = "/v1/plan";
inline constexpr const char* kStatusPath = "/v1/status";
inline constexpr const char* kStatePath = "/v1/state";
inline constexpr const char* kDrainPath = "/v1/drain";
inline constexpr const char* kMovesPath = "/v1/moves";
inline constexpr const char* kRevisionHeader = "Lvs-Status-Revision";
inline constexpr const char* kOperatorName = "lvs-operator";
inline constexpr const char* kAdminName = "lvs-admin";
inline constexpr Duration kLongestPoll{25'000};

// A hash as an entity tag, in quotes (RFC 9110); parsing takes it without them too.
[[nodiscard]] std::string to_etag(const ContentHash& hash);
[[nodiscard]] Result<ContentHash> parse_etag(std::string_view text);

struct StatusAnswer {
  NodeStatus status;
  std::uint64_t revision = 0;
};

// The operator's and lvsctl's side. Blocking; one object may serve several threads.
class AgentClient {
 public:
  // `stop` ends a call within some milliseconds, with kUnavailable.
  explicit AgentClient(HttpClient& http, std::stop_token stop = {})
      : http_(http), stop_(std::move(stop)) {}

  // The hash that the agent stored. kConflict: a higher term stands, or another node.
  Result<ContentHash> put_plan(std::string body);
  // kConflict also for 412: the agent's plan is not `from`; send the whole plan.
  Result<ContentHash> patch_plan(const ContentHash& from, std::string body);
  // Waits for news after `revision`; without one answers at once.
  Result<StatusAnswer> status(std::optional<std::uint64_t> after_revision);
  Result<NodeState> state();
  Result<void> set_drained(bool drained);
  // kConflict: it is not there any more.
  Result<void> move(const MoveRequest& request);

 private:
  Result<HttpResponse> send(HttpRequest request);

  HttpClient& http_;
  std::stop_token stop_;
};

}  // namespace lvs
