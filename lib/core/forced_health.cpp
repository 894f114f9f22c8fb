#include "core/forced_health.h"

#include "base/rfc3339.h"
#include "core/snapshot.h"

namespace lvs {
namespace {

constexpr const char* kUntilForm =
    " is no time; write one like 2026-11-22T18:00:00Z, in quotes, or leave it out";

std::string place(const char* annotation) {
  return std::string("metadata.annotations[") + annotation + "]";
}

}  // namespace

std::string to_text(const ForcedHealth& forced) {
  return std::string("forced ") + (forced.up ? "up" : "down") +
         (forced.until ? " until " + to_rfc3339(*forced.until) : " until it is taken back") + " (" +
         kForceAnnotation + ")";
}

Result<std::optional<ForcedHealth>> forced_health_of(const Labels& annotations) {
  const auto force = annotations.find(kForceAnnotation);
  const auto until = annotations.find(kForceUntilAnnotation);
  if (force == annotations.end()) {
    if (until == annotations.end()) return std::optional<ForcedHealth>();
    return fail(ErrorCode::kInvalidArgument, place(kForceUntilAnnotation) +
                                                 ": has no effect without " + kForceAnnotation +
                                                 "; add it, or remove this one");
  }
  if (force->second != "up" && force->second != "down") {
    return fail(ErrorCode::kInvalidArgument,
                place(kForceAnnotation) + ": \"" + force->second +
                    "\" has no effect; write up or down, or remove it");
  }
  ForcedHealth forced{force->second == "up"};
  if (until == annotations.end()) return forced;
  forced.until = parse_rfc3339(until->second);
  if (!forced.until) {
    return fail(ErrorCode::kInvalidArgument,
                place(kForceUntilAnnotation) + ": \"" + until->second + "\"" + kUntilForm);
  }
  return forced;
}

std::optional<ForcedHealth> forced_at(const Labels& annotations, WallTime now) {
  const auto forced = forced_health_of(annotations);
  if (!forced || !*forced || (*forced)->is_over(now)) return std::nullopt;
  return *forced;
}

void resolve_forced(ClusterSnapshot& snapshot, WallTime now) {
  snapshot.forced.clear();
  for (const auto& [key, server] : snapshot.real_servers) {
    if (const auto forced = forced_at(server->meta.annotations, now))
      snapshot.forced[key] = *forced;
  }
}

}  // namespace lvs
