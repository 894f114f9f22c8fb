// Writes status to the API server by server-side apply, on a thread of its own. Of several changes
// to one object that wait, only the last is written. What fails is tried again; an object that is
// gone is forgotten.
#pragma once

#include <map>
#include <mutex>
#include <condition_variable>
#include <string>
#include <thread>
#include <utility>

#include "kube/api_client.h"
#include "operator/metrics.h"
#include "operator/status/status_sink.h"

namespace lvs {

class KubeStatusWriter final : public StatusSink {
 public:
  // Both must outlive it.
  KubeStatusWriter(ApiClient& client, OperatorMetrics& metrics);
  ~KubeStatusWriter() override;

  void write(const ObjectKey& key, const VirtualServiceStatus& status) override;
  void write(const ObjectKey& key, const RealServerStatus& status) override;
  void forget(Kind kind, const ObjectKey& key) override;

 private:
  using Id = std::pair<Kind, ObjectKey>;
  void put(const Id& id, std::string body);
  void run(const std::stop_token& stop);
  // False: to be tried again.
  bool apply(const Id& id, const std::string& body, const std::stop_token& stop);

  ApiClient& client_;
  OperatorMetrics& metrics_;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::map<Id, std::string> waiting_;
  std::jthread thread_;
};

}  // namespace lvs
