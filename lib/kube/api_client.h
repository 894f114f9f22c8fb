// The verbs of the Kubernetes API on JSON text. Thread-safe; blocking; no exception leaves.
//
// An answer that is not a success becomes an Error with the server's own message (metav1.Status):
// 400, 413, 422 kInvalidArgument; 401, 403 kPermissionDenied; 404 kNotFound; 409 kAlreadyExists
// (create) or kConflict; 410 kConflict (the list or watch has expired: list again); 405, 406, 415
// kUnsupported; 429 and 5xx kUnavailable. 429 and 503 with Retry-After are tried again here, within
// the call's budget.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/resources.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"

namespace lvs {

// Group, version, resource. The core group is the empty one.
struct ResourceType {
  std::string group;
  std::string version;
  std::string plural;
  bool namespaced = true;

  bool operator==(const ResourceType&) const = default;
};
[[nodiscard]] ResourceType resource_type(Kind kind);
[[nodiscard]] ResourceType lease_type();
// "/apis/lvs-operator.io/v1alpha1/namespaces/shop/virtualservices"; an empty `ns`: all namespaces.
[[nodiscard]] std::string collection_path(const ResourceType& type, const std::string& ns);
[[nodiscard]] std::string object_path(const ResourceType& type, const ObjectKey& key);

struct CallOptions {
  Duration timeout{30'000};       // of one try
  Duration retry_budget{30'000};  // all waiting for Retry-After together; 0: never try again
  std::stop_token stop{};         // ends the call and the waiting between tries, with kUnavailable
};

struct ListQuery {
  std::string ns;  // empty: all
  std::string label_selector;
  std::string field_selector;
  int limit = 500;  // 0: everything at once
  std::string continue_token;
};

struct WatchQuery {
  std::string ns;
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  Duration server_timeout{300'000};  // the server ends the watch by then
  Duration idle_timeout{150'000};    // above the interval of bookmarks (1 min)
  std::stop_token stop{};
  std::function<void()> on_open{};  // the server has accepted the watch
};

struct ApplyOptions {
  std::string field_manager = "lvs-operator";
  bool force = true;
  std::string subresource;  // "status"
};

struct ApiClientOptions {
  // verb as Kubernetes' audit log names it (get, list, watch, create, update, patch, delete); code
  // 0: there was no answer. Called on the caller's thread, once per try.
  std::function<void(std::string_view verb, int code, Duration took)> on_request;
  // Waits between tries; returns early when stopped. Replaced in tests.
  std::function<void(Duration wait, const std::stop_token& stop)> sleep;
};

class ApiClient {
 public:
  explicit ApiClient(std::shared_ptr<HttpClient> http, ApiClientOptions options = {});

  // JSON text of the object or list.
  [[nodiscard]] Result<std::string> get(const ResourceType& type, const ObjectKey& key,
                                        const CallOptions& call = {});
  [[nodiscard]] Result<std::string> list_page(const ResourceType& type, const ListQuery& query,
                                              const CallOptions& call = {});
  [[nodiscard]] Result<std::string> create(const ResourceType& type, const std::string& ns,
                                           const std::string& json, const CallOptions& call = {});
  // Compare-and-swap where the body carries metadata.resourceVersion: kConflict when it has moved
  // on.
  [[nodiscard]] Result<std::string> update(const ResourceType& type, const ObjectKey& key,
                                           const std::string& json, const CallOptions& call = {});
  // Server-side apply.
  [[nodiscard]] Result<std::string> apply(const ResourceType& type, const ObjectKey& key,
                                          const std::string& json, const ApplyOptions& options,
                                          const CallOptions& call = {});
  [[nodiscard]] Result<std::string> merge_patch(const ResourceType& type, const ObjectKey& key,
                                                const std::string& json,
                                                const CallOptions& call = {});
  [[nodiscard]] Result<void> remove(const ResourceType& type, const ObjectKey& key,
                                    const CallOptions& call = {});
  // Blocks until the watch ends by itself (a value) or otherwise (an Error).
  [[nodiscard]] Result<void> watch(const ResourceType& type, const WatchQuery& query,
                                   const LineHandler& on_line);

 private:
  Result<std::string> call(std::string_view verb, const HttpRequest& request,
                           const CallOptions& options);

  std::shared_ptr<HttpClient> http_;
  ApiClientOptions options_;
};

// For a response that is not a success; exposed for tests.
[[nodiscard]] Error error_of(const HttpResponse& response);
// Of a 429 or 503; nothing: the server did not say.
[[nodiscard]] std::optional<Duration> retry_after(const HttpResponse& response);

}  // namespace lvs
