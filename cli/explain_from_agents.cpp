// The checks behind an explanation, in the order in which they have to hold: one that fails makes
// those after it meaningless.
#include <algorithm>
#include <set>

#include "cli/explain_preparation.h"
#include "cli/explain_services.h"
#include "cli/table.h"
#include "core/probe_path.h"

namespace lvs::cli {
namespace {

std::string in_words(const HealthCheckSpec& check, std::uint16_t port) {
  std::string type(type_of(check.kind));
  if (std::holds_alternative<IcmpCheck>(check.kind)) return type;
  return type + " on port " + std::to_string(check.port.value_or(port));
}

class Explainer {
 public:
  Explainer(const ClusterAnswers& answers, const ServerChoice& server)
      : answers_(answers),
        index_(answers),
        server_(server),
        served_(services_of(index_, answers, server)) {
    if (answers.wanted && server.key) {
      object_ = answers.wanted->real_servers.at(*server.key).get();
    }
  }

  Explanation run() && {
    result_.name = server_.key ? to_string(*server_.key) : server_.node;
    result_.node = server_.node;
    for (const auto& address : server_.addresses) {
      result_.addresses.push_back(address.to_string());
    }
    if (result_.name.empty()) result_.name = join(result_.addresses);
    result_.complete = all_reachable(answers_);
    for (const auto& each : served_) {
      result_.services.push_back(explain_service(index_, each, server_));
    }
    ask_manifests();
    ask_holders();
    ask_node();
    ask_segment();
    ask_health();
    ask_tables();
    ask_listening();
    return std::move(result_);
  }

 private:
  void add(std::string question, std::optional<bool> good, std::string detail,
           std::string next = "") {
    result_.checks.push_back({std::move(question), good, std::move(detail), std::move(next)});
  }

  std::string where() const {
    return object_->meta.origin.empty() ? "" : " (" + object_->meta.origin + ")";
  }

  void ask_manifests() {
    if (object_ == nullptr) return;
    ask_acceptance();
    const auto& spec = object_->spec;
    if (spec.drain) {
      add("not drained", false, "spec.drain is true", "set spec.drain to false" + where());
    } else {
      add("not drained", true, "spec.drain is false");
    }
    if (const auto check = check_forced(*answers_.wanted, *server_.key)) {
      result_.checks.push_back(*check);
    }
    const std::string weight = "spec.weight is " + std::to_string(spec.weight);
    add("weight", spec.weight > 0, weight,
        spec.weight > 0 ? "" : "set spec.weight to more than 0" + where());
  }

  void ask_acceptance() {
    for (const auto& diagnostic : diagnostics_of_server()) {
      if (diagnostic.severity != Severity::kError) continue;
      const std::string field = diagnostic.field.empty() ? "" : diagnostic.field + ": ";
      add("accepted", false, field + diagnostic.message, "correct the RealServer" + where());
      return;
    }
    std::vector<std::string> names;
    for (const auto& key : index_.planner()->virtual_services_of(*server_.key)) {
      names.push_back(to_string(key));
    }
    if (!names.empty()) return add("accepted", true, "selected by " + join(names));
    add("accepted", false,
        "no accepted VirtualService of namespace " + server_.key->ns + " selects its labels",
        "correct its labels" + where() +
            " or spec.realServerSelector; `lvsctl validate` names "
            "VirtualServices that are not accepted");
  }

  Diagnostics diagnostics_of_server() const {
    return index_.planner()->diagnostics_of(Kind::kRealServer, *server_.key);
  }

  std::set<IpAddress> vips() const {
    std::set<IpAddress> vips;
    for (const auto& each : served_) vips.insert(each.service.address);
    return vips;
  }

  void ask_holders() {
    for (const auto& vip : vips()) {
      const std::string question = "holder of " + vip.to_string();
      const auto holders = index_.holders_of(vip);
      if (!holders.empty()) {
        add(question, holders.size() == 1, join(holders, " and "),
            holders.size() == 1 ? "" : "two directors hold the VIP; see `lvsctl status`");
        continue;
      }
      const bool all = answers_.wanted && result_.complete;
      add(question, all ? std::optional<bool>(false) : std::nullopt,
          all ? "nobody" : "none of the agents that answered",
          all ? "no director holds the VIP, so nobody gets connections; see `lvsctl status`" : "");
    }
  }

  bool needs_preparation(const IpAddress& vip) const {
    return std::any_of(served_.begin(), served_.end(), [&](const auto& each) {
      return each.service.address == vip &&
             (each.destination == nullptr ||
              each.destination->config.forwarding != ForwardingMethod::kMasquerade);
    });
  }

  void ask_node() {
    std::set<IpAddress> needed;
    for (const auto& vip : vips()) {
      if (needs_preparation(vip)) needed.insert(vip);
    }
    for (auto& check : check_preparation(index_, server_, needed)) {
      result_.checks.push_back(std::move(check));
    }
  }

  bool is_off_link(const NodeState& director) const {
    const auto& off = director.status.off_link;
    return std::any_of(server_.addresses.begin(), server_.addresses.end(), [&](const auto& each) {
      return std::find(off.begin(), off.end(), each) != off.end();
    });
  }

  void ask_segment() {
    std::vector<std::string> off;
    bool asked = false;
    for (const auto& answer : answers_.nodes) {
      if (!answer.state || answer.state->services.empty()) continue;
      asked = true;
      if (is_off_link(*answer.state)) off.push_back(answer.node);
    }
    if (!asked) return;
    add("same segment", off.empty(),
        off.empty() ? "no director reaches it through a gateway"
                    : "through a gateway or not at all from " + join(off),
        off.empty() ? ""
                    : "direct routing needs one segment: put it on the directors' network, correct "
                      "its address, or set spec.forwarding of its VirtualServices to Tunnel");
  }

  void ask_health() {
    for (const auto& each : served_) {
      const std::string question = "health of " + to_string(each.service);
      if (const auto failing = who_finds_it_down(each); !failing.empty()) {
        add(question, false, join(failing, "; "),
            is_in_path(each)
                ? "see whether the service runs there, listens on the VIP, and the VIP "
                  "is on the server's lo"
                : "see whether the service runs there and answers its check on the "
                  "server's own address");
      } else if (each.planned != nullptr && !each.planned->header.health) {
        add(question, std::nullopt, "not checked");
      } else if (each.planned != nullptr) {
        add(question, true,
            "passes " + in_words(each.planned->header.health->check, port_of(each)));
      }
    }
  }

  static std::uint16_t port_of(const ServedKey& each) {
    return each.destination == nullptr ? each.service.port : each.destination->key.port;
  }

  std::vector<std::string> who_finds_it_down(const ServedKey& served) const {
    std::vector<std::string> found;
    for (const auto& answer : answers_.nodes) {
      if (!answer.state) continue;
      for (const auto& each : answer.state->status.unhealthy) {
        const auto& own = server_.addresses;
        if (each.service != served.service) continue;
        if (std::find(own.begin(), own.end(), each.server) == own.end()) continue;
        found.push_back(answer.node + ": " + each.why);
      }
    }
    return found;
  }

  // What the tables say that nothing above explains.
  void ask_tables() {
    std::vector<std::string> behind;
    bool waiting = false;
    for (const auto& service : result_.services) {
      for (const auto& row : service.directors) {
        const bool late = row.state == lvs::to_string(Standing::kMissing) ||
                          row.state == lvs::to_string(Standing::kChanged);
        if (late) behind.push_back(row.director + " for " + service.service);
        waiting = waiting || (row.state == lvs::to_string(Standing::kUnknown) && row.kernel == 0U);
      }
    }
    if (!behind.empty()) {
      add("kernels follow", false, join(behind) + " not yet",
          "is the operator running? `lvsctl diff` with the same options shows the difference");
    }
    if (waiting) {
      add("judged", std::nullopt, "weight 0, and nobody has said why",
          answers_.wanted ? "wait for its first health check and its agent's report"
                          : "ask with --manifests DIR: the manifests say whether it is drained");
    }
  }

  static bool is_in_path(const ServedKey& served) {
    return served.planned != nullptr && lvs::is_in_path(served.planned->header);
  }

  // A check through the VIP has answered it.
  void ask_listening() {
    std::set<std::uint16_t> ports;
    for (const auto& each : served_) {
      if (needs_preparation(each.service.address) && !is_in_path(each)) ports.insert(port_of(each));
    }
    for (const auto port : ports) {
      const std::string text = std::to_string(port);
      const std::string place = server_.node.empty() ? "the machine" : server_.node;
      add("listens on the VIP, port " + text, std::nullopt, "checks ask the server's own address",
          "if clients get no answer: on " + place + " `ss -ltnu sport = :" + text +
              "` must show the VIP or all addresses, not the server's own alone; a healthCheck "
              "with "
              "target: InPath would tell");
    }
  }

  const ClusterAnswers& answers_;
  const ClusterIndex index_;
  const ServerChoice& server_;
  const std::vector<ServedKey> served_;
  const RealServer* object_ = nullptr;
  Explanation result_;
};

}  // namespace

Result<Explanation> explain_from_agents(const ClusterAnswers& answers, const std::string& name) {
  const auto server = choose_server(answers, name);
  if (!server) return tl::unexpected(server.error());
  return Explainer(answers, *server).run();
}

}  // namespace lvs::cli
