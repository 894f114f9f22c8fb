#include "kube/reflector_store.h"

#include <nlohmann/json.hpp>

#include "kube/watch_decoder.h"

namespace lvs {

void ReflectorStore::add_page(Draft& draft, const nlohmann::json& items) const {
  for (const auto& item : items) {
    const auto key = object_key(item);
    if (!key) continue;
    auto object = decode_(item);
    if (object) {
      draft.objects.insert_or_assign(*key, std::move(*object));
      continue;
    }
    draft.undecodable.push_back({*key, object.error()});
    const auto last_good = objects_.find(*key);
    if (last_good != objects_.end()) draft.objects.insert(*last_good);
  }
}

std::vector<Resource> ReflectorStore::commit(Draft draft) {
  objects_ = std::move(draft.objects);
  std::vector<Resource> all;
  all.reserve(objects_.size());
  for (const auto& [_, object] : objects_) all.push_back(object);
  return all;
}

ReflectorStore::Change ReflectorStore::put(const ObjectKey& key, const nlohmann::json& object) {
  auto decoded = decode_(object);
  if (!decoded) return {std::nullopt, Undecodable{key, decoded.error()}};
  const auto known = objects_.find(key);
  if (known != objects_.end() && known->second == *decoded) return {};
  objects_.insert_or_assign(key, *decoded);
  return {std::move(*decoded), std::nullopt};
}

bool ReflectorStore::remove(const ObjectKey& key) { return objects_.erase(key) > 0; }

}  // namespace lvs
