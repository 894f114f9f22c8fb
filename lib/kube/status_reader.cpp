#include "kube/status_reader.h"

#include <functional>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kube/watch_decoder.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

Result<void> for_each_object(ApiClient& client, Kind kind, const std::string& ns,
                             const CallOptions& call,
                             const std::function<void(const ObjectKey&, const Json&)>& take) {
  ListQuery query;
  query.ns = ns;
  do {
    const auto text = client.list_page(resource_type(kind), query, call);
    if (!text) return tl::unexpected<Error>(text.error());
    Json items;
    const auto page = decode_list_page(*text, items);
    if (!page) return tl::unexpected<Error>(page.error());
    for (const auto& item : items) {
      const auto key = object_key(item);
      if (key && item.contains("status")) take(*key, item);
    }
    query.continue_token = page->continue_token;
  } while (!query.continue_token.empty());
  return {};
}

}  // namespace

Result<KnownStatuses> read_statuses(ApiClient& client, const std::string& ns,
                                    const CallOptions& call) {
  KnownStatuses known;
  const auto services = for_each_object(
      client, Kind::kVirtualService, ns, call, [&](const ObjectKey& key, const Json& object) {
        known.virtual_services[key] = decode_virtual_service_status(object);
      });
  if (!services) return tl::unexpected<Error>(services.error());
  const auto servers = for_each_object(
      client, Kind::kRealServer, ns, call, [&](const ObjectKey& key, const Json& object) {
        known.real_servers[key] = decode_real_server_status(object);
      });
  if (!servers) return tl::unexpected<Error>(servers.error());
  return known;
}

}  // namespace lvs
