#include "cli/kube_objects.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kube/api_client.h"
#include "kube/kubeconfig.h"
#include "kube/watch_decoder.h"

namespace lvs::cli {
namespace {

Result<std::unique_ptr<ApiClient>> connect(const KubeChoice& choice) {
  const KubeconfigChoice kubeconfig{choice.kubeconfig, choice.context};
  auto connection =
      find_kube_connection(kubeconfig, [](const char* name) { return std::getenv(name); });
  if (!connection) return tl::unexpected(connection.error());
  auto http = make_http_client(connection->server, std::move(connection->http));
  if (!http) return fail_at(connection->origin, http.error());
  return std::make_unique<ApiClient>(std::shared_ptr<HttpClient>(std::move(*http)));
}

class ClusterReader {
 public:
  ClusterReader(ApiClient& api, const KubeChoice& choice, Duration timeout)
      : api_(api), ns_(choice.ns) {
    call_.timeout = timeout;
    call_.retry_budget = timeout;
  }

  Result<ClusterObjects> run() && {
    for (const auto kind : {Kind::kVirtualService, Kind::kRealServer, Kind::kNode}) {
      if (const auto read = read_kind(kind); !read) return tl::unexpected(read.error());
    }
    resolve_forced(objects_.snapshot, SystemClock().wall_now());
    return std::move(objects_);
  }

 private:
  Result<void> read_kind(Kind kind) {
    ListQuery query;
    if (kind != Kind::kNode) query.ns = ns_;
    do {
      const auto page = api_.list_page(resource_type(kind), query, call_);
      // Who may not see nodes still sees the services.
      if (!page && kind == Kind::kNode && page.error().code == ErrorCode::kPermissionDenied) {
        return {};
      }
      if (!page) return tl::unexpected(page.error());
      nlohmann::json items;
      const auto list = decode_list_page(*page, items);
      if (!list) return tl::unexpected(list.error());
      for (auto& item : items) add(kind, item);
      query.continue_token = list->continue_token;
    } while (!query.continue_token.empty());
    return {};
  }

  void add(Kind kind, nlohmann::json& item) {
    complete(kind, item);
    auto resource = decode_resource(item, UnknownFields::kIgnore);
    if (!resource) {
      objects_.problems.push_back(resource.error().message);
    } else if (auto* service = std::get_if<VirtualService>(&*resource)) {
      const auto key = service->meta.key;
      objects_.virtual_services[key] = decode_virtual_service_status(item.dump());
      objects_.snapshot.virtual_services[key] =
          std::make_shared<const VirtualService>(std::move(*service));
    } else if (auto* server = std::get_if<RealServer>(&*resource)) {
      const auto key = server->meta.key;
      objects_.real_servers[key] = decode_real_server_status(item.dump());
      objects_.snapshot.real_servers[key] = std::make_shared<const RealServer>(std::move(*server));
    } else if (auto* node = std::get_if<Node>(&*resource)) {
      const auto key = node->meta.key;
      objects_.snapshot.nodes[key] = std::make_shared<const Node>(std::move(*node));
    }
  }

  // The items of a list of a built-in kind do not say what they are.
  static void complete(Kind kind, nlohmann::json& item) {
    const auto type = resource_type(kind);
    item["kind"] = std::string(to_string(kind));
    item["apiVersion"] = type.group.empty() ? type.version : type.group + "/" + type.version;
  }

  ApiClient& api_;
  std::string ns_;
  CallOptions call_;
  ClusterObjects objects_;
};

}  // namespace

Result<ClusterObjects> read_cluster(const KubeChoice& choice, Duration timeout) {
  const auto api = connect(choice);
  if (!api) return tl::unexpected(api.error());
  return ClusterReader(**api, choice, timeout).run();
}

Result<void> patch_object(const KubeChoice& choice, Kind kind, const ObjectKey& key,
                          const std::string& json, Duration timeout) {
  const auto api = connect(choice);
  if (!api) return tl::unexpected(api.error());
  CallOptions call;
  call.timeout = timeout;
  call.retry_budget = timeout;
  return (*api)->merge_patch(resource_type(kind), key, json, call).map([](const std::string&) {});
}

}  // namespace lvs::cli
