#include "operator/status/kube_status_writer.h"

#include "api/codec.h"
#include "base/backoff.h"
#include "operator/random_share.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr BackoffPolicy kRetry{Duration(200), Duration(10'000)};

}  // namespace

KubeStatusWriter::KubeStatusWriter(ApiClient& client, std::string ns, OperatorMetrics& metrics)
    : client_(client), ns_(std::move(ns)), metrics_(metrics) {}

KubeStatusWriter::~KubeStatusWriter() { stop(); }

void KubeStatusWriter::start(PostEvent post) {
  thread_ = std::jthread(
      [this, post = std::move(post)](const std::stop_token& stop) { run(post, stop); });
}

void KubeStatusWriter::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void KubeStatusWriter::read(const PostEvent& post, const std::stop_token& stop) {
  Backoff backoff(kRetry);
  CallOptions call;
  call.stop = stop;
  while (!stop.stop_requested()) {
    if (auto known = read_statuses(client_, ns_, call)) return post(std::move(*known));
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, stop, backoff.next(random_share()), [] { return false; });
  }
}

void KubeStatusWriter::put(const Id& id, std::string body) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert_or_assign(id, std::move(body));
  }
  arrived_.notify_one();
}

void KubeStatusWriter::write(const ObjectKey& key, const VirtualServiceStatus& status) {
  put({Kind::kVirtualService, key}, encode_status_patch(key, status));
}

void KubeStatusWriter::write(const ObjectKey& key, const RealServerStatus& status) {
  put({Kind::kRealServer, key}, encode_status_patch(key, status));
}

void KubeStatusWriter::forget(Kind kind, const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  waiting_.erase({kind, key});
}

void KubeStatusWriter::run(const PostEvent& post, const std::stop_token& stop) {
  read(post, stop);
  Backoff backoff(kRetry);
  Id last{};
  std::unique_lock lock(mutex_);
  while (arrived_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    // In turn, so that one object that keeps changing or failing holds up no other.
    auto next = waiting_.upper_bound(last);
    if (next == waiting_.end()) next = waiting_.begin();
    auto node = waiting_.extract(next);
    last = node.key();
    lock.unlock();
    const bool done = apply(node.key(), node.mapped(), stop);
    lock.lock();
    if (done) {
      backoff.reset();
      continue;
    }
    waiting_.insert(std::move(node));  // unless a newer one has come meanwhile
    arrived_.wait_for(lock, stop, backoff.next(random_share()), [] { return false; });
  }
}

bool KubeStatusWriter::apply(const Id& id, const std::string& body, const std::stop_token& stop) {
  CallOptions call;
  call.stop = stop;
  const auto applied = client_.apply(resource_type(id.first), id.second, body,
                                     {"lvs-operator", true, "status"}, call);
  if (stop.stop_requested()) return true;
  const bool gone = !applied && applied.error().code == ErrorCode::kNotFound;
  metrics_.status_written(applied.has_value() || gone);
  if (applied || gone) return true;
  log_warning("status not written", {{"kind", to_string(id.first)},
                                     {"object", to_string(id.second)},
                                     {"error", applied.error().message}});
  return applied.error().code == ErrorCode::kInvalidArgument;
}

}  // namespace lvs
