// Writes status to the API server by server-side apply, on a thread of its own. Of several changes
// to one object that wait, only the last is written. What fails is tried again; an object that is
// gone is forgotten. Events follow when no status waits; one that exists already was told by an
// earlier operator. First of all it reads what an earlier operator wrote, so that a start writes
// nothing where nothing has changed.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "kube/api_client.h"
#include "kube/event.h"
#include "operator/events.h"
#include "operator/metrics.h"
#include "operator/status/status_sink.h"

namespace lvs {

class KubeStatusWriter final : public StatusSink {
 public:
  // Both must outlive it. `ns` empty: all namespaces.
  KubeStatusWriter(ApiClient& client, std::string ns, OperatorMetrics& metrics);
  ~KubeStatusWriter() override;

  // Posts KnownStatuses once they could be read. Not called twice; stop() before `post` dies.
  void start(PostEvent post);
  void stop();

  void write(const ObjectKey& key, const VirtualServiceStatus& status) override;
  void write(const ObjectKey& key, const RealServerStatus& status) override;
  void tell(const ObjectEvent& event) override;
  void forget(Kind kind, const ObjectKey& key) override;

 private:
  using Id = std::pair<Kind, ObjectKey>;
  void put(const Id& id, std::string body);
  void run(const PostEvent& post, const std::stop_token& stop);
  void read(const PostEvent& post, const std::stop_token& stop);
  // False: to be tried again.
  bool apply(const Id& id, const std::string& body, const std::stop_token& stop);
  bool apply_next(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  bool create_next(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);

  ApiClient& client_;
  std::string ns_;
  OperatorMetrics& metrics_;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::map<Id, std::string> waiting_;
  Id last_{};
  std::deque<KubeEvent> events_;
  std::jthread thread_;
};

}  // namespace lvs
