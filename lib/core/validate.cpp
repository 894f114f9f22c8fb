#include "core/validate.h"

#include <algorithm>
#include <array>

#include "api/agent_port.h"
#include "api/messages.h"
#include "core/findings.h"
#include "core/names.h"

namespace lvs {
namespace {

void check_meta(const ObjectMeta& meta, Findings& out) {
  if (!is_dns_subdomain(meta.key.name)) out.add("metadata.name", kNotAName);
  if (!meta.key.ns.empty() && !is_dns_label(meta.key.ns)) {
    out.add("metadata.namespace",
            "a lowercase RFC 1123 label must consist of lower case "
            "alphanumeric characters or '-'");
  }
  for (const auto& [key, value] : meta.labels) {
    if (is_label_value(value)) continue;
    out.add("metadata.labels[" + key + "]",
            "a valid label must be an empty string or consist of alphanumeric characters, '-', "
            "'_' or '.'");
  }
}

void check_reachable(const RealServerSpec& spec, Findings& out) {
  if (!spec.node_name.empty() || spec.address) return;
  out.add("spec", "neither nodeName nor address; write the node's name, or the machine's address");
}

void check_node_name(const RealServerSpec& spec, Findings& out) {
  if (spec.node_name.empty() || is_dns_subdomain(spec.node_name)) return;
  out.add("spec.nodeName", kNotANode);
}

void check_address(const RealServerSpec& spec, Findings& out) {
  if (spec.address) check_machine_address(*spec.address, "spec.address", out);
}

void check_weight(const RealServerSpec& spec, Findings& out) {
  if (spec.weight <= 65535) return;
  out.add("spec.weight",
          "the weight is out of range; write 0 to 65535 (0 takes no new connections)");
}

void check_thresholds(const RealServerSpec& spec, Findings& out) {
  if (spec.min_connections <= spec.max_connections) return;
  out.add("spec.minConnections",
          "minConnections is larger than maxConnections; write a smaller minConnections, or a "
          "larger maxConnections");
}

constexpr std::array kRealServerChecks{check_reachable, check_node_name, check_address,
                                       check_weight, check_thresholds};

void check_agent_port(const Node& node, Findings& out) {
  const auto annotation = node.meta.annotations.find(kAgentPortAnnotation);
  if (annotation == node.meta.annotations.end() || parse_agent_port(annotation->second)) return;
  out.add(std::string("metadata.annotations[") + kAgentPortAnnotation + "]",
          "not a port, so that " + std::to_string(kDefaultAgentPort) +
              " is used; write 1 to 65535, in quotes");
}

void check_named_protocols(const VirtualService& before, const VirtualService& after,
                           Findings& out) {
  for (const PortSpec& old_port : before.spec.ports) {
    for (const PortSpec& port : after.spec.ports) {
      if (old_port.name.empty() || port.name != old_port.name) continue;
      if (port.protocol == old_port.protocol) continue;
      out.add("spec.ports",
              "the protocol of a named port cannot change; add a port with another name, then "
              "remove this one");
      return;
    }
  }
}

void check_same_node(const RealServer& before, const RealServer& after, Findings& out) {
  if (before.spec.node_name.empty() || before.spec.node_name == after.spec.node_name) return;
  out.add("spec.nodeName",
          "nodeName cannot change; create another RealServer for the other node, then delete "
          "this one");
}

}  // namespace

void check_machine_address(const IpAddress& address, const std::string& field, Findings& findings) {
  const bool v6_link_local = address.family() == Family::kV6 && address.is_link_local();
  if (!address.is_unspecified() && !address.is_loopback() && !address.is_multicast() &&
      !address.is_limited_broadcast() && !v6_link_local) {
    return;
  }
  findings.add(field,
               "not the address of a machine (unspecified, loopback, multicast, broadcast or IPv6 "
               "link-local); write a unicast address");
}

Diagnostics validate(const VirtualService& object) {
  Findings findings(Kind::kVirtualService, object.meta);
  check_meta(object.meta, findings);
  check_virtual_service(object.spec, findings);
  return findings.take();
}

Diagnostics validate(const RealServer& object) {
  Findings findings(Kind::kRealServer, object.meta);
  check_meta(object.meta, findings);
  for (const auto& check : kRealServerChecks) check(object.spec, findings);
  return findings.take();
}

Diagnostics validate(const Node& object) {
  Findings findings(Kind::kNode, object.meta);
  check_meta(object.meta, findings);
  check_agent_port(object, findings);
  return findings.take();
}

Diagnostics validate(const Resource& object) {
  return std::visit([](const auto& value) { return validate(value); }, object);
}

Diagnostics validate_update(const Resource& before, const Resource& after) {
  Findings findings(kind_of(after), meta_of(after));
  if (before.index() == after.index()) {
    if (const auto* service = std::get_if<VirtualService>(&after)) {
      check_named_protocols(std::get<VirtualService>(before), *service, findings);
    } else if (const auto* server = std::get_if<RealServer>(&after)) {
      check_same_node(std::get<RealServer>(before), *server, findings);
    }
  }
  return findings.take();
}

}  // namespace lvs
