#include "kube/api_client.h"

#include <condition_variable>
#include <mutex>

namespace lvs {
namespace {

constexpr Duration kShortestRetry{1'000};

void sleep_until_stopped(Duration wait, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, wait, [] { return false; });
}

Duration since(TimePoint start) { return SystemClock{}.now() - start; }

// "GET /api/v1/nodes: why", without the query: the same trouble reads the same every time.
tl::unexpected<Error> refused(const HttpRequest& request, const HttpResponse& response) {
  const std::string path = request.path_and_query.substr(0, request.path_and_query.find('?'));
  return fail_at(request.method + " " + path, error_of(response));
}

bool is_success(int status) { return status >= 200 && status < 300; }

// "?a=1&b=2", values encoded, empty values left out.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += text_.empty() ? '?' : '&';
    text_ += name;
    text_ += '=';
    text_ += url_encode(value);
    return *this;
  }
  Query& add_number(std::string_view name, long long value) {
    return value == 0 ? *this : add(name, std::to_string(value));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

HttpRequest request_of(std::string method, std::string path, std::string body = {}) {
  HttpRequest request;
  request.method = std::move(method);
  request.path_and_query = std::move(path);
  request.body = std::move(body);
  request.headers["Accept"] = "application/json";
  if (!request.body.empty()) request.headers["Content-Type"] = "application/json";
  return request;
}

}  // namespace

ResourceType resource_type(Kind kind) {
  switch (kind) {
    case Kind::kVirtualService:
      return {"lvs-operator.io", "v1alpha1", "virtualservices", true};
    case Kind::kRealServer:
      return {"lvs-operator.io", "v1alpha1", "realservers", true};
    case Kind::kNode:
      break;
  }
  return {"", "v1", "nodes", false};
}

ResourceType lease_type() { return {"coordination.k8s.io", "v1", "leases", true}; }

std::string collection_path(const ResourceType& type, const std::string& ns) {
  std::string path = type.group.empty() ? "/api/" : "/apis/" + url_encode(type.group) + "/";
  path += url_encode(type.version);
  if (type.namespaced && !ns.empty()) path += "/namespaces/" + url_encode(ns);
  return path + "/" + url_encode(type.plural);
}

std::string object_path(const ResourceType& type, const ObjectKey& key) {
  return collection_path(type, key.ns) + "/" + url_encode(key.name);
}

ApiClient::ApiClient(std::shared_ptr<HttpClient> http, ApiClientOptions options)
    : http_(std::move(http)), options_(std::move(options)) {
  if (!options_.sleep) options_.sleep = sleep_until_stopped;
}

Result<std::string> ApiClient::call(std::string_view verb, const HttpRequest& request,
                                    const CallOptions& call) {
  HttpRequest timed = request;
  timed.timeout = call.timeout;
  timed.stop = call.stop;
  Duration budget = call.retry_budget;
  for (;;) {
    const TimePoint start = SystemClock{}.now();
    auto response = http_->send(timed);
    if (options_.on_request) {
      options_.on_request(verb, response ? response->status : 0, since(start));
    }
    if (!response) return tl::unexpected(response.error());
    if (is_success(response->status)) return std::move(response->body);
    const auto wait = retry_after(*response);
    const Duration pause = std::max(wait.value_or(Duration{0}), kShortestRetry);
    if (!wait || pause > budget || call.stop.stop_requested()) {
      return refused(request, *response);
    }
    budget -= pause;
    options_.sleep(pause, call.stop);
  }
}

Result<std::string> ApiClient::get(const ResourceType& type, const ObjectKey& key,
                                   const CallOptions& options) {
  return call("get", request_of("GET", object_path(type, key)), options);
}

Result<std::string> ApiClient::list_page(const ResourceType& type, const ListQuery& query,
                                         const CallOptions& options) {
  const Query parameters = Query{}
                               .add("labelSelector", query.label_selector)
                               .add("fieldSelector", query.field_selector)
                               .add_number("limit", query.limit)
                               .add("continue", query.continue_token);
  return call("list", request_of("GET", collection_path(type, query.ns) + parameters.text()),
              options);
}

Result<std::string> ApiClient::create(const ResourceType& type, const std::string& ns,
                                      const std::string& json, const CallOptions& options) {
  return call("create", request_of("POST", collection_path(type, ns), json), options);
}

Result<std::string> ApiClient::update(const ResourceType& type, const ObjectKey& key,
                                      const std::string& json, const CallOptions& options) {
  return call("update", request_of("PUT", object_path(type, key), json), options);
}

Result<std::string> ApiClient::apply(const ResourceType& type, const ObjectKey& key,
                                     const std::string& json, const ApplyOptions& apply,
                                     const CallOptions& options) {
  std::string path = object_path(type, key);
  if (!apply.subresource.empty()) path += "/" + url_encode(apply.subresource);
  const Query parameters =
      Query{}.add("fieldManager", apply.field_manager).add("force", apply.force ? "true" : "");
  HttpRequest request = request_of("PATCH", path + parameters.text(), json);
  // JSON is YAML; servers before 1.32 know server-side apply by no other name.
  request.headers["Content-Type"] = "application/apply-patch+yaml";
  return call("patch", request, options);
}

Result<std::string> ApiClient::merge_patch(const ResourceType& type, const ObjectKey& key,
                                           const std::string& json, const CallOptions& options) {
  HttpRequest request = request_of("PATCH", object_path(type, key), json);
  request.headers["Content-Type"] = "application/merge-patch+json";
  return call("patch", request, options);
}

Result<void> ApiClient::remove(const ResourceType& type, const ObjectKey& key,
                               const CallOptions& options) {
  return call("delete", request_of("DELETE", object_path(type, key)), options)
      .map([](const std::string&) {});
}

Result<void> ApiClient::watch(const ResourceType& type, const WatchQuery& query,
                              const LineHandler& on_line) {
  using std::chrono::duration_cast;
  const auto seconds = duration_cast<std::chrono::seconds>(query.server_timeout).count();
  const Query parameters = Query{}
                               .add("watch", "true")
                               .add("allowWatchBookmarks", "true")
                               .add("labelSelector", query.label_selector)
                               .add("fieldSelector", query.field_selector)
                               .add("resourceVersion", query.resource_version)
                               .add_number("timeoutSeconds", seconds);
  HttpRequest request = request_of("GET", collection_path(type, query.ns) + parameters.text());
  request.timeout = query.idle_timeout;
  request.stop = query.stop;
  request.on_open = query.on_open;
  const TimePoint start = SystemClock{}.now();
  const auto response = http_->stream(request, on_line);
  if (options_.on_request) {
    options_.on_request("watch", response ? response->status : 0, since(start));
  }
  if (!response) return tl::unexpected(response.error());
  if (is_success(response->status)) return {};
  return refused(request, *response);
}

}  // namespace lvs
