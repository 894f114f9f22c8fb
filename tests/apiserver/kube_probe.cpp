// Shows what lib/kube makes of an API server, one line per event, for the tests in this folder.
//
//   kube_probe watch KUBECONFIG KIND [PAGE_SIZE [IDLE_TIMEOUT_MS]]   until standard input ends
//   kube_probe lease KUBECONFIG NAMESPACE/NAME HOLDER [RESOURCE_VERSION]
//
// watch: "listed N", "put NS/NAME WEIGHT", "deleted NS/NAME", "connected", "disconnected MESSAGE",
// "undecodable NS/NAME MESSAGE", and "request VERB CODE" for every request.
// lease: takes the Lease with one more transition and prints "held HOLDER TRANSITIONS VERSION", or
// "error CODE MESSAGE". With RESOURCE_VERSION the write is based on that version.

#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "kube/kubeconfig.h"
#include "kube/lease.h"
#include "kube/reflector.h"

namespace lvs {
namespace {

void say(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cout << line << std::endl;
}

class PrintingSink final : public ReflectorSink {
 public:
  void on_listed(Kind, Listing listing) override {
    say("listed " + std::to_string(listing.objects.size()));
  }
  void on_put(Kind, Resource object) override {
    const auto* server = std::get_if<RealServer>(&object);
    say("put " + to_string(meta_of(object).key) +
        (server == nullptr ? "" : " " + std::to_string(server->spec.weight)));
  }
  void on_deleted(Kind, ObjectKey key) override { say("deleted " + to_string(key)); }
  void on_connected(Kind) override { say("connected"); }
  void on_disconnected(Kind, const Error& error) override { say("disconnected " + error.message); }
  void on_undecodable(Kind, const ObjectKey& key, const Error& error) override {
    say("undecodable " + to_string(key) + " " + error.message);
  }
};

Result<std::unique_ptr<ApiClient>> connect(const std::string& kubeconfig) {
  const auto connection = find_kube_connection({kubeconfig, {}, false}, std::getenv);
  if (!connection) return tl::unexpected(connection.error());
  auto http = make_http_client(connection->server, connection->http);
  if (!http) return tl::unexpected(http.error());
  ApiClientOptions options;
  options.on_request = [](std::string_view verb, int code, Duration) {
    say("request " + std::string(verb) + " " + std::to_string(code));
  };
  return std::make_unique<ApiClient>(std::move(*http), options);
}

int complain(const Error& error) {
  say(std::string("error ") + to_string(error.code) + " " + error.message);
  return 1;
}

int watch(const std::vector<std::string>& arguments) {
  static const std::map<std::string, Kind> kKinds{{"VirtualService", Kind::kVirtualService},
                                                  {"RealServer", Kind::kRealServer},
                                                  {"Node", Kind::kNode}};
  const auto client = connect(arguments.at(1));
  if (!client) return complain(client.error());
  ReflectorOptions options;
  options.kind = kKinds.at(arguments.at(2));
  options.backoff = {Duration{50}, Duration{1'000}};
  if (arguments.size() > 3) options.page_size = std::stoi(arguments[3]);
  if (arguments.size() > 4) options.idle_timeout = Duration(std::stoi(arguments[4]));
  PrintingSink sink;
  Reflector reflector(**client, sink, options);
  for (std::string line; std::getline(std::cin, line);) {
  }
  reflector.stop();
  say("stopped");
  return 0;
}

int take_lease(const std::vector<std::string>& arguments) {
  const auto client = connect(arguments.at(1));
  if (!client) return complain(client.error());
  const auto slash = arguments.at(2).find('/');
  const ObjectKey key{arguments[2].substr(0, slash), arguments[2].substr(slash + 1)};
  LeaseClient leases(**client, Duration{5'000});
  auto current = leases.get(key);
  const bool absent = !current && current.error().code == ErrorCode::kNotFound;
  if (!current && !absent) return complain(current.error());
  Lease wish = absent ? Lease{} : *current;
  wish.key = key;
  wish.holder = arguments.at(3);
  wish.transitions += 1;
  wish.renew_time = format_micro_time(std::chrono::system_clock::now());
  wish.acquire_time = wish.renew_time;
  if (arguments.size() > 4) wish.resource_version = arguments[4];
  const auto held = absent ? leases.create(wish) : leases.update(wish);
  if (!held) return complain(held.error());
  say("held " + held->holder + " " + std::to_string(held->transitions) + " " +
      held->resource_version);
  return 0;
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() >= 3 && arguments[0] == "watch") return lvs::watch(arguments);
  if (arguments.size() >= 4 && arguments[0] == "lease") return lvs::take_lease(arguments);
  std::cerr << "usage: kube_probe watch KUBECONFIG KIND [PAGE_SIZE [IDLE_TIMEOUT_MS]]\n"
               "       kube_probe lease KUBECONFIG NAMESPACE/NAME HOLDER [RESOURCE_VERSION]\n";
  return 2;
}
