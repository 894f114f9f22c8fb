// Everything that reaches the operator's loop, as values in one mailbox.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "api/resources.h"
#include "base/hash.h"
#include "core/report.h"
#include "kube/status_reader.h"

namespace lvs {

// From a source. Each kind is listed before anything else is said of it.

// All objects of one kind that there are: what is absent is gone.
struct Listed {
  Kind kind = Kind::kVirtualService;
  std::vector<Resource> objects;
  // There too, but nothing is known of them: they cannot be used and have no last good version.
  std::set<ObjectKey> unknown{};
  // Older than what the source has said before: what is absent may not have been deleted.
  bool went_back = false;
};
// Several kinds as they were at one moment; never seen in part.
struct ListedTogether {
  std::vector<Listed> lists;
};
struct Put {
  Resource object;
};
// The source saw the deletion itself.
struct Deleted {
  Kind kind = Kind::kVirtualService;
  ObjectKey key;
};
// What is known of this source may be old. An empty message: no longer.
struct Trouble {
  std::string source;
  std::string message;
};
// Objects and files of this source that could not be used; replaces what it said before.
struct Problems {
  std::string source;
  std::vector<std::string> texts;
};

// A supervisor asks: is everything known that plans are made of?
struct ReadinessAsked {
  std::function<void(const std::string& not_ready)> reply;  // empty: yes
};

// From the threads of one node. `link` tells a node's connection from an earlier one.

struct AgentReport {
  std::string node;
  std::uint64_t link = 0;
  NodeStatus status;
};
struct AgentSilent {
  std::string node;
  std::uint64_t link = 0;
  Error error;
};

enum class PushKind { kProbe, kPut, kPatch };
[[nodiscard]] const char* to_string(PushKind kind);

// What an agent has stored.
struct StoredPlan {
  std::optional<ContentHash> hash;  // empty: no plan
  std::uint64_t term = 0;

  bool operator==(const StoredPlan&) const = default;
};
struct PushDone {
  std::string node;
  std::uint64_t link = 0;
  PushKind kind = PushKind::kProbe;
  Result<StoredPlan> stored;
  Duration took{0};
  std::size_t bytes = 0;
};

using OperatorEvent =
    std::variant<Listed, ListedTogether, Put, Deleted, Trouble, Problems, ReadinessAsked,
                 AgentReport, AgentSilent, PushDone, KnownStatuses>;
// Any thread; never blocks.
using PostEvent = std::function<void(OperatorEvent)>;

}  // namespace lvs
