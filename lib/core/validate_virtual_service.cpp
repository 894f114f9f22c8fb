// The rules of a VirtualService, in the order of its fields. Each check is one rule (or the rules
// of one value) of crds/lvs-operator.io_virtualservices.yaml, with its message.
#include <algorithm>
#include <array>

#include "api/messages.h"
#include "core/findings.h"
#include "core/names.h"

namespace lvs {
namespace {

using Spec = VirtualServiceSpec;

std::string item(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

bool has_family(const Spec& spec, Family family) {
  return std::any_of(spec.vips.begin(), spec.vips.end(),
                     [family](const auto& vip) { return vip.family() == family; });
}

void check_vip_is_there(const Spec& spec, Findings& out) {
  if (!spec.vips.empty()) return;
  out.add("spec.vips", "no VIP; write one IPv4 address, one IPv6 address, or one of each");
}

void check_one_vip_per_family(const Spec& spec, Findings& out) {
  for (const Family family : {Family::kV4, Family::kV6}) {
    const auto count = std::count_if(spec.vips.begin(), spec.vips.end(),
                                     [family](const auto& vip) { return vip.family() == family; });
    if (count <= 1) continue;
    out.add("spec.vips",
            "two VIPs of one address family; keep one IPv4 and one IPv6 address, and write a "
            "VirtualService of its own for each other");
    return;
  }
}

std::string_view unusable_as_vip(const IpAddress& vip) {
  if (vip.is_unspecified()) {
    return "the unspecified address cannot be a VIP; write an address of the directors' network";
  }
  if (vip.is_loopback()) {
    return "a loopback address cannot be a VIP; write an address of the directors' network";
  }
  if (vip.is_multicast()) {
    return "a multicast address cannot be a VIP; write a unicast address of the directors' network";
  }
  if (vip.is_limited_broadcast()) {
    return "the broadcast address cannot be a VIP; write a unicast address of the directors' "
           "network";
  }
  if (vip.family() == Family::kV6 && vip.is_link_local()) {
    return "an IPv6 link-local address cannot be a VIP; write a global or unique local address";
  }
  return {};
}

void check_vip_addresses(const Spec& spec, Findings& out) {
  for (std::size_t i = 0; i < spec.vips.size(); ++i) {
    const auto message = unusable_as_vip(spec.vips[i]);
    if (!message.empty()) out.add(item("spec.vips", i), message);
  }
}

void check_port_is_there(const Spec& spec, Findings& out) {
  if (!spec.ports.empty()) return;
  out.add("spec.ports", "no port; write at least one, for example {name: http, port: 80}");
}

void check_port_names(const Spec& spec, Findings& out) {
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    const std::string& name = spec.ports[i].name;
    if (!name.empty() && !is_dns_label(name)) {
      out.add(item("spec.ports", i) + ".name", kNotAPortName);
    }
  }
}

void check_port_names_differ(const Spec& spec, Findings& out) {
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.ports[i].name.empty() || spec.ports[i].name != spec.ports[j].name) continue;
      out.add("spec.ports", "two ports have the same name; give each port its own name");
      return;
    }
  }
}

void check_target_port_of_every_port(const Spec& spec, Findings& out) {
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    if (spec.ports[i].port != 0 || !spec.ports[i].target_port) continue;
    out.add(item("spec.ports", i) + ".targetPort",
            "port 0 means every port and cannot be changed into one; remove targetPort, or write "
            "the port");
  }
}

void check_port_zero_is_persistent(const Spec& spec, Findings& out) {
  const bool zero = std::any_of(spec.ports.begin(), spec.ports.end(),
                                [](const auto& port) { return port.port == 0; });
  if (!zero || spec.persistence) return;
  out.add("spec.ports",
          "port 0 (every port) needs persistence; write persistence: {timeout: 60s}, or write the "
          "ports");
}

void check_target_port_needs_masquerade(const Spec& spec, Findings& out) {
  const bool changed = std::any_of(spec.ports.begin(), spec.ports.end(),
                                   [](const auto& port) { return port.target_port.has_value(); });
  if (!changed || spec.forwarding == ForwardingMethod::kMasquerade) return;
  out.add("spec.ports",
          "DirectRouting and Tunnel cannot change the port; remove targetPort, or write "
          "forwarding: Masquerade");
}

void check_port_zero_can_be_probed(const Spec& spec, Findings& out) {
  const bool unprobeable =
      std::any_of(spec.ports.begin(), spec.ports.end(), [&spec](const auto& port) {
        const auto& check = port.health_check ? port.health_check : spec.health_check;
        return port.port == 0 && check && !check->port &&
               !std::holds_alternative<IcmpCheck>(check->kind);
      });
  if (!unprobeable) return;
  out.add("spec.ports", "port 0 (every port) cannot be probed; write healthCheck.port");
}

template <typename Wrong>
bool any_in_path(const Spec& spec, Wrong wrong) {
  return std::any_of(spec.ports.begin(), spec.ports.end(), [&](const PortSpec& port) {
    const auto& check = port.health_check ? port.health_check : spec.health_check;
    return check && check->target == CheckTarget::kInPath && wrong(port, *check);
  });
}

void check_in_path_is_direct(const Spec& spec, Findings& out) {
  const bool direct = spec.forwarding == ForwardingMethod::kDirectRouting;
  if (direct || !any_in_path(spec, [](const auto&, const auto&) { return true; })) return;
  out.add("spec.ports",
          "a check with target InPath needs direct routing; write target: RealServer, or "
          "forwarding: DirectRouting");
}

void check_in_path_asks_the_port(const Spec& spec, Findings& out) {
  const auto elsewhere = [](const PortSpec& port, const HealthCheckSpec& check) {
    return port.port != 0 && check.port.value_or(port.port) != port.port;
  };
  if (!any_in_path(spec, elsewhere)) return;
  out.add("spec.ports",
          "a check with target InPath asks the port that connections go to; remove "
          "healthCheck.port, or write target: RealServer");
}

void check_health_checks(const Spec& spec, Findings& out) {
  if (spec.health_check) check_health_check(*spec.health_check, "spec.healthCheck", out);
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    if (!spec.ports[i].health_check) continue;
    check_health_check(*spec.ports[i].health_check, item("spec.ports", i) + ".healthCheck", out);
  }
}

// Flags named mh-... and sh-... belong to the scheduler of that name.
void check_scheduler_flags(const Spec& spec, Findings& out) {
  const auto has = [&spec](std::string_view prefix) {
    return std::any_of(spec.scheduler.flags.begin(), spec.scheduler.flags.end(),
                       [prefix](const std::string& flag) { return flag.starts_with(prefix); });
  };
  if (has("mh-") && spec.scheduler.name != "mh") {
    out.add("spec.scheduler.flags",
            "only the scheduler mh has mh-port and mh-fallback; remove them, or write name: mh");
  }
  if (has("sh-") && spec.scheduler.name != "sh") {
    out.add("spec.scheduler.flags",
            "only the scheduler sh has sh-port and sh-fallback; remove them, or write name: sh");
  }
  const bool only_udp = std::all_of(spec.ports.begin(), spec.ports.end(), [](const auto& port) {
    return port.protocol == Protocol::kUdp;
  });
  if (has("ops") && !only_udp) {
    out.add("spec.scheduler.flags",
            "ops (one-packet scheduling) works for UDP only; remove it, or move the other ports "
            "to a VirtualService of their own");
  }
}

void check_persistence_prefix(const Spec& spec, Findings& out) {
  const bool longer = spec.persistence && spec.persistence->prefix_length.value_or(0) > 32;
  if (!longer || !has_family(spec, Family::kV4)) return;
  out.add("spec.persistence.prefixLength",
          "the prefix of an IPv4 client is 1 to 32; write 32 or less, or give the IPv6 VIP a "
          "VirtualService of its own");
}

void check_selector_is_there(const Spec& spec, Findings& out) {
  if (!spec.real_server_selector.empty()) return;
  out.add("spec.realServerSelector",
          "the selector is empty; write the labels of the RealServers, for example matchLabels: "
          "{app: web}");
}

constexpr std::string_view kNotALabelValue =
    "not a label value; write letters, digits, -, _ and ., beginning and ending with a letter or "
    "digit";

void check_expression(const LabelRequirement& requirement, const std::string& field,
                      Findings& out) {
  using Operator = LabelRequirement::Operator;
  const bool wants = requirement.op == Operator::kIn || requirement.op == Operator::kNotIn;
  if (wants == requirement.values.empty()) {
    out.add(field + ".values",
            "In and NotIn need values, Exists and DoesNotExist have none; correct values or "
            "operator");
  }
  for (std::size_t i = 0; i < requirement.values.size(); ++i) {
    if (!is_label_value(requirement.values[i])) {
      out.add(item(field + ".values", i), kNotALabelValue);
    }
  }
}

void check_selector(const LabelSelector& selector, const std::string& field, Findings& out) {
  for (const auto& [key, value] : selector.match_labels) {
    if (!is_label_value(value)) out.add(field + ".matchLabels[" + key + "]", kNotALabelValue);
  }
  for (std::size_t i = 0; i < selector.match_expressions.size(); ++i) {
    check_expression(selector.match_expressions[i], item(field + ".matchExpressions", i), out);
  }
}

void check_selectors(const Spec& spec, Findings& out) {
  check_selector(spec.real_server_selector, "spec.realServerSelector", out);
  check_selector(spec.directors.node_selector, "spec.directors.nodeSelector", out);
}

void check_sorry_server(const Spec& spec, Findings& out) {
  static const std::string kField = "spec.sorryServer.address";
  if (!spec.sorry_server) return;
  const IpAddress& address = spec.sorry_server->address;
  check_machine_address(address, kField, out);
  if (!spec.vips.empty() && !has_family(spec, address.family())) {
    out.add(kField, "no VIP is of this address family; write an address of the family of a VIP");
  }
  if (std::find(spec.vips.begin(), spec.vips.end(), address) != spec.vips.end()) {
    out.add(kField, "the sorry server cannot be a VIP itself; write the address of a machine");
  }
  const ForwardingMethod forwarding = spec.sorry_server->forwarding.value_or(spec.forwarding);
  if (spec.sorry_server->port && forwarding != ForwardingMethod::kMasquerade) {
    out.add("spec.sorryServer.port",
            "DirectRouting and Tunnel cannot change the port; remove it, or write "
            "sorryServer.forwarding: Masquerade");
  }
}

void check_preferred_directors(const Spec& spec, Findings& out) {
  const auto& preferred = spec.directors.preferred;
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    if (is_dns_subdomain(preferred[i])) continue;
    out.add(item("spec.directors.preferred", i),
            "not the name of a node; write one like director-1");
  }
}

void check_interface(const Spec& spec, Findings& out) {
  if (spec.interface.empty() || is_interface_name(spec.interface)) return;
  out.add("spec.interface", kNotAnInterface);
}

constexpr std::array kChecks{check_vip_is_there,
                             check_one_vip_per_family,
                             check_vip_addresses,
                             check_port_is_there,
                             check_port_names,
                             check_port_names_differ,
                             check_target_port_of_every_port,
                             check_port_zero_is_persistent,
                             check_target_port_needs_masquerade,
                             check_port_zero_can_be_probed,
                             check_in_path_is_direct,
                             check_in_path_asks_the_port,
                             check_health_checks,
                             check_scheduler_flags,
                             check_persistence_prefix,
                             check_selector_is_there,
                             check_selectors,
                             check_sorry_server,
                             check_preferred_directors,
                             check_interface};

}  // namespace

void check_virtual_service(const VirtualServiceSpec& spec, Findings& findings) {
  for (const auto& check : kChecks) check(spec, findings);
}

}  // namespace lvs
