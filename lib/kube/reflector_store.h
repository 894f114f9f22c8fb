// Internal to lib/kube: what a reflector has seen, and what of a list or event is news. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/resources.h"
#include "base/result.h"
#include "kube/reflector.h"

namespace lvs {

class ReflectorStore {
 public:
  using Decode = std::function<Result<Resource>(const nlohmann::json&)>;
  struct Undecodable {
    ObjectKey key;
    Error error;
  };
  // A list while it is being read; nothing counts before commit().
  struct Draft {
    std::map<ObjectKey, Resource> objects;
    std::vector<Undecodable> undecodable;
  };
  struct Change {
    std::optional<Resource> put;
    std::optional<Undecodable> undecodable;
  };

  explicit ReflectorStore(Decode decode) : decode_(std::move(decode)) {}

  // Every item must have a name. One that does not decode keeps its last good version.
  void add_page(Draft& draft, const nlohmann::json& items) const;
  // From now on the draft is what there is.
  Listing commit(Draft draft);

  // Nothing to tell where the object is as it was, and was decodable before.
  Change put(const ObjectKey& key, const nlohmann::json& object);
  // False: it was not known.
  bool remove(const ObjectKey& key);

 private:
  Decode decode_;
  std::map<ObjectKey, Resource> objects_;  // the last good version of each
  std::set<ObjectKey> undecodable_;        // as they stand now
};

}  // namespace lvs
