#include "operator/sources/manifest_set.h"

#include "core/validate.h"

namespace lvs {
namespace {

ObjectMeta& mutable_meta(Resource& resource) {
  return std::visit([](auto& object) -> ObjectMeta& { return object.meta; }, resource);
}

ObjectId id_of(const Resource& resource) { return {kind_of(resource), meta_of(resource).key}; }

std::string name_of(const ObjectId& id) {
  return std::string(to_string(id.first)) + " " + to_string(id.second);
}

// Files have no generation; counting the changes gives what the API server's would be.
void set_generation(Resource& now, const Resource* before) {
  auto& meta = mutable_meta(now);
  meta.generation = 1;
  if (before == nullptr) return;
  meta.generation = meta_of(*before).generation;
  Resource same_place = *before;
  mutable_meta(same_place).origin = meta.origin;
  if (!(same_place == now)) ++meta.generation;
}

class Decider {
 public:
  explicit Decider(const ManifestSet& before) : before_(before) {
    for (const auto& [file, objects] : before.files) {
      for (const auto& [id, resource] : objects) last_good_.emplace(id, &resource);
    }
  }

  void take(const FileReading& file) {
    const auto old = before_.files.find(file.name);
    const bool had_objects = old != before_.files.end() && !old->second.empty();
    auto& objects = decision_.set.files[file.name];
    if (!file.manifest) {
      problem(file.name + ": " + file.error +
              (had_objects ? "; its objects stay as they were" : ""));
      if (had_objects) objects = old->second;
      decision_.has_unknown |= !had_objects;
      return;
    }
    for (const auto& unusable : file.manifest->problems) problem(unusable.error.message);
    decision_.has_unknown |= !file.manifest->problems.empty() && !had_objects;
    for (const auto& resource : file.manifest->resources) take(resource, objects);
    const bool emptied = had_objects && file.manifest->documents == 0;
    if (emptied) {
      problem(file.name + ": is empty; its objects stay; delete the file to delete them");
    }
    if (had_objects && (emptied || !file.manifest->problems.empty())) {
      objects.insert(old->second.begin(), old->second.end());  // what is there already stays new
    }
  }

  ManifestDecision finish() {
    std::map<ObjectId, std::string> home;
    for (const auto& [file, objects] : decision_.set.files) {
      for (const auto& [id, resource] : objects) {
        const auto [first, is_new] = home.emplace(id, file);
        if (is_new) {
          decision_.objects.emplace(id, resource);
        } else {
          problem(meta_of(resource).origin + ": " + name_of(id) + " is in " + first->second +
                  " already, which counts; remove one of them");
        }
      }
    }
    return std::move(decision_);
  }

 private:
  void problem(std::string text) { decision_.problems.push_back(std::move(text)); }

  void take(Resource resource, std::map<ObjectId, Resource>& objects) {
    const auto id = id_of(resource);
    if (objects.contains(id)) {
      problem(meta_of(resource).origin + ": " + name_of(id) +
              " is in this file twice, the first counts; remove one of them");
      return;
    }
    const auto found = last_good_.find(id);
    const Resource* before = found == last_good_.end() ? nullptr : found->second;
    auto broken = validate(resource);
    if (broken.empty() && before != nullptr) broken = validate_update(*before, resource);
    if (broken.empty()) {
      set_generation(resource, before);
      objects.emplace(id, std::move(resource));
      return;
    }
    for (const auto& diagnostic : broken) {
      problem(to_string(diagnostic) + (before != nullptr ? "; it stays as it was" : ""));
    }
    if (before != nullptr) objects.emplace(id, *before);
    decision_.has_unknown |= before == nullptr;
  }

  const ManifestSet& before_;
  std::map<ObjectId, const Resource*> last_good_;
  ManifestDecision decision_;
};

bool has_objects(const ManifestSet& set) {
  for (const auto& [file, objects] : set.files) {
    if (!objects.empty()) return true;
  }
  return false;
}

}  // namespace

ManifestDecision decide_manifests(const ManifestSet& before, const FolderReading& reading) {
  Decider decider(before);
  std::string trouble = reading.trouble;
  if (trouble.empty() && reading.files.empty()) {
    trouble = has_objects(before)
                  ? "no manifest is left, so nothing is deleted; if that is meant, leave one file "
                    "that holds another object, such as a Node"
                  : "has no *.yaml or *.yml file; put manifests there, or name another folder";
  }
  if (trouble.empty()) {
    for (const auto& file : reading.files) decider.take(file);
    return decider.finish();
  }
  ManifestDecision decision;
  decision.set = before;
  for (const auto& [file, objects] : before.files) {
    decision.objects.insert(objects.begin(), objects.end());
  }
  decision.trouble = std::move(trouble);
  return decision;
}

}  // namespace lvs
