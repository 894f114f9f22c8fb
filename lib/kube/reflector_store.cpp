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

Listing ReflectorStore::commit(Draft draft) {
  objects_ = std::move(draft.objects);
  undecodable_.clear();
  for (const auto& [key, error] : draft.undecodable) undecodable_.insert(key);
  Listing all;
  all.objects.reserve(objects_.size());
  for (const auto& [_, object] : objects_) all.objects.push_back(object);
  for (const auto& key : undecodable_) {
    if (!objects_.contains(key)) all.unknown.insert(key);
  }
  return all;
}

ReflectorStore::Change ReflectorStore::put(const ObjectKey& key, const nlohmann::json& object) {
  auto decoded = decode_(object);
  if (!decoded) {
    undecodable_.insert(key);
    return {std::nullopt, Undecodable{key, decoded.error()}};
  }
  const bool solved = undecodable_.erase(key) > 0;
  const auto known = objects_.find(key);
  if (!solved && known != objects_.end() && known->second == *decoded) return {};
  objects_.insert_or_assign(key, *decoded);
  return {std::move(*decoded), std::nullopt};
}

bool ReflectorStore::remove(const ObjectKey& key) {
  const bool undecodable = undecodable_.erase(key) > 0;
  return objects_.erase(key) > 0 || undecodable;
}

}  // namespace lvs
