#include "operator/status/kube_status_writer.h"

#include <cctype>

#include "api/codec.h"
#include "base/backoff.h"
#include "base/hash.h"
#include "operator/random_share.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr BackoffPolicy kRetry{Duration(200), Duration(10'000)};
// More are not worth reading; the oldest falls out.
constexpr std::size_t kMostEvents = 1000;
constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kLongestObjectName = 200;

// A name of its own for each happening: who tries to tell it again is refused.
std::string name_of(const ObjectEvent& event) {
  Hasher hasher;
  hasher.add_string(event.uid);
  hasher.add_string(event.occurrence);
  std::string name = event.object.name.substr(0, kLongestObjectName);
  while (std::isalnum(static_cast<unsigned char>(name.back())) == 0) name.pop_back();
  return name + "." + hasher.finish().to_string().substr(0, kNameDigits);
}

// To try again would not help.
bool is_final(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kPermissionDenied ||
         code == ErrorCode::kNotFound || code == ErrorCode::kUnsupported;
}

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

void KubeStatusWriter::tell(const ObjectEvent& event) {
  {
    const std::lock_guard lock(mutex_);
    if (events_.size() >= kMostEvents) events_.pop_front();
    events_.push_back({event.kind, event.object, event.uid, name_of(event), event.warning,
                       event.reason, event.action, event.note, event.when});
  }
  arrived_.notify_one();
}

void KubeStatusWriter::run(const PostEvent& post, const std::stop_token& stop) {
  read(post, stop);
  Backoff backoff(kRetry);
  std::unique_lock lock(mutex_);
  while (arrived_.wait(lock, stop, [this] { return !waiting_.empty() || !events_.empty(); })) {
    const bool done = waiting_.empty() ? create_next(lock, stop) : apply_next(lock, stop);
    if (done) {
      backoff.reset();
    } else {
      arrived_.wait_for(lock, stop, backoff.next(random_share()), [] { return false; });
    }
  }
}

bool KubeStatusWriter::apply_next(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  // In turn, so that one object that keeps changing or failing holds up no other.
  auto next = waiting_.upper_bound(last_);
  if (next == waiting_.end()) next = waiting_.begin();
  auto node = waiting_.extract(next);
  last_ = node.key();
  lock.unlock();
  const bool done = apply(node.key(), node.mapped(), stop);
  lock.lock();
  if (!done) waiting_.insert(std::move(node));  // unless a newer one has come meanwhile
  return done;
}

bool KubeStatusWriter::create_next(std::unique_lock<std::mutex>& lock,
                                   const std::stop_token& stop) {
  const KubeEvent event = std::move(events_.front());
  events_.pop_front();
  lock.unlock();
  CallOptions call;
  call.stop = stop;
  const auto created =
      client_.create(event_type(), event_namespace(event), encode_event(event), call);
  lock.lock();
  if (created || stop.stop_requested()) return true;
  if (created.error().code == ErrorCode::kAlreadyExists) return true;
  log_warning("event not written", {{"kind", to_string(event.kind)},
                                    {"object", to_string(event.object)},
                                    {"reason", event.reason},
                                    {"note", event.note},
                                    {"error", created.error().message}});
  if (is_final(created.error().code)) return true;
  events_.push_front(event);
  return false;
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
