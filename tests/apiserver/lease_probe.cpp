// One director's hand on the Leases of an API server (agent/leases.h), for the tests in this
// folder.
//
//   lease_probe KUBECONFIG NAMESPACE NODE    then, line by line on standard input:
//     read VIP | claim VIP TERM [VERSION] | renew [PEER…]
//
// Prints what the election would be told: "seen VIP HOLDER TERM VERSION", "granted VIP HOLDER TERM
// VERSION", "refused VIP", "director NODE fresh|stale". An empty holder or version is "-".

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <sstream>

#include "agent/leases.h"
#include "kube/kubeconfig.h"

namespace lvs {
namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

struct Printer {
  void operator()(const LeaseSeen& e) const { say("seen", e.vip, e.lease); }
  void operator()(const LeaseGranted& e) const { say("granted", e.vip, e.lease); }
  void operator()(const LeaseRefused& e) const { line("refused " + e.vip.to_string()); }
  void operator()(const DirectorLeaseSeen& e) const {
    line("director " + e.node + (e.fresh ? " fresh" : " stale"));
  }
  template <typename Other>
  void operator()(const Other& /*event*/) const {}

  static void say(const std::string& what, const IpAddress& vip, const LeaseView& lease) {
    line(what + " " + vip.to_string() + " " + or_dash(lease.holder) + " " +
         std::to_string(lease.term) + " " + or_dash(lease.version));
  }
  static void line(const std::string& text) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << text << std::endl;
  }
};

void obey(Leases& leases, const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string vip;
  words >> verb;
  if (verb == "renew") {
    std::vector<std::string> peers;
    for (std::string peer; words >> peer;) peers.push_back(peer);
    leases.renew(peers);
    return;
  }
  words >> vip;
  const IpAddress address = IpAddress::parse(vip).value();
  if (verb == "read") return leases.read(address);
  ClaimLease claim{address, {}, 0};
  words >> claim.term >> claim.version;
  leases.claim(claim);
}

int run(const std::string& kubeconfig, const std::string& ns, const std::string& node) {
  const auto connection = find_kube_connection({kubeconfig, {}, false}, std::getenv);
  auto http = make_http_client(connection.value().server, connection->http);
  ApiClient client(std::shared_ptr<HttpClient>(std::move(http.value())));
  Leases leases(client, {ns, node, Duration{2'000}, Duration{2'000}},
                [](const ElectionEvent& event) { std::visit(Printer{}, event); });
  for (std::string line; std::getline(std::cin, line);) obey(leases, line);
  return 0;
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) { return argc < 4 ? 2 : lvs::run(argv[1], argv[2], argv[3]); }
