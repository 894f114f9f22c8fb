// A sink that writes down what it is told, one word per call, and can be waited for.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kube/reflector.h"

namespace lvs::test {

class RecordingSink final : public ReflectorSink {
 public:
  void on_listed(Kind, Listing listing) override {
    std::string text = "listed";
    for (const auto& object : listing.objects) text += " " + describe(object);
    for (const auto& key : listing.unknown) text += " " + key.name + "=?";
    add(text);
  }
  void on_put(Kind, Resource object) override { add("put " + describe(object)); }
  void on_deleted(Kind, ObjectKey key) override { add("deleted " + key.name); }
  void on_connected(Kind) override { add("connected"); }
  void on_disconnected(Kind, const Error& error) override {
    {
      const std::lock_guard lock(mutex_);
      errors_.push_back(error.message);
    }
    add("disconnected");
  }
  void on_undecodable(Kind, const ObjectKey& key, const Error&) override {
    add("undecodable " + key.name);
  }

  // What came, once there are so many calls; fewer after five seconds.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return calls_.size() >= count; });
    return calls_;
  }
  std::vector<std::string> errors() {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  // "a=3": name and weight.
  static std::string describe(const Resource& object) {
    const auto& server = std::get<RealServer>(object);
    return server.meta.key.name + "=" + std::to_string(server.spec.weight);
  }
  void add(std::string text) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(text));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> calls_;
  std::vector<std::string> errors_;
};

}  // namespace lvs::test
