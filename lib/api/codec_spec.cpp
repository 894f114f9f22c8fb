// The specs of the two resources. Here is refused what a value is by itself; what values say
// together, and what an address or a name means, is for core/validate. The messages are those of
// the schemas in crds/.
#include <algorithm>
#include <array>
#include <limits>

#include "api/codec_internal.h"
#include "api/codec_words.h"
#include "api/messages.h"

namespace lvs {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> kMethods{"DirectRouting", "Tunnel", "Masquerade"};
constexpr std::array<std::string_view, 2> kOnFailure{"Quiesce", "Remove"};
constexpr std::size_t kMostVips = 8;
constexpr std::size_t kMostPorts = 64;
constexpr std::size_t kMostFlags = 5;
constexpr std::size_t kMostExpressions = 16;
constexpr std::size_t kMostValues = 32;
constexpr std::size_t kMostPreferred = 16;
constexpr std::size_t kMostLabels = 32;
constexpr std::size_t kLongestPortName = 63;
constexpr std::size_t kLongestLabelKey = 317;
constexpr std::size_t kLongestLabelValue = 63;
constexpr std::size_t kLongestNodeName = 253;
constexpr std::size_t kLongestInterface = 15;
constexpr std::int64_t kMostConnections = std::numeric_limits<std::uint32_t>::max();

void read_texts(const JsonValue& value, std::size_t most, std::size_t longest,
                std::vector<std::string>& out) {
  value.for_each_item(most, [&out, longest](const JsonValue& item) {
    if (auto text = item.text(longest)) out.push_back(std::move(*text));
  });
}

// The keys of a set's or map's items: the second of two equal ones is refused.
class Keys {
 public:
  void check(const JsonValue& item, const Json& key) {
    const std::string text = key.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!seen_.insert(text).second) item.refuse("Duplicate value: " + text);
  }

 private:
  std::set<std::string> seen_;
};

void read_expression(const JsonValue& value, LabelRequirement& out) {
  using Operator = LabelRequirement::Operator;
  static constexpr std::array<std::string_view, 4> kOperators{"In", "NotIn", "Exists",
                                                              "DoesNotExist"};
  const auto parse = [](const std::string& text) -> std::optional<Operator> {
    const auto found = std::find(kOperators.begin(), kOperators.end(), text);
    if (found == kOperators.end()) return std::nullopt;
    return static_cast<Operator>(found - kOperators.begin());
  };
  JsonObject object(value);
  if (const auto key = object.require("key")) {
    const auto text = key->text(kLongestLabelKey);
    out.key = text.value_or("");
    if (text && text->empty()) key->refuse("Invalid value: \"\": should be at least 1 chars long");
  }
  if (const auto op = object.require("operator")) read_word(*op, parse, kOperators, out.op);
  if (const auto values = object.find("values"))
    read_texts(*values, kMostValues, kLongestLabelValue, out.values);
  object.done();
}

void read_selector(const JsonValue& value, LabelSelector& out) {
  JsonObject object(value);
  if (const auto labels = object.find("matchLabels")) {
    labels->for_each_member([&out](const std::string& key, const JsonValue& label) {
      if (auto text = label.text(kLongestLabelValue)) out.match_labels[key] = std::move(*text);
    });
    if (out.match_labels.size() > kMostLabels) {
      labels->refuse("Too many: " + std::to_string(out.match_labels.size()) +
                     ": must have at most 32 items");
    }
  }
  if (const auto expressions = object.find("matchExpressions")) {
    expressions->for_each_item(kMostExpressions, [&out](const JsonValue& item) {
      read_expression(item, out.match_expressions.emplace_back());
    });
  }
  object.done();
}

void read_port(const JsonValue& value, PortSpec& out) {
  static constexpr std::array<std::string_view, 3> kProtocols{"TCP", "UDP", "SCTP"};
  JsonObject object(value);
  object.read("name", kLongestPortName, kNotAPortName, out.name);
  if (const auto protocol = object.find("protocol")) {
    read_word(*protocol, parse_protocol, kProtocols, out.protocol);
  }
  static_cast<void>(object.require("port"));
  object.read("port", 0, 65535, "not a port; write 1 to 65535, or 0 for every port", out.port);
  std::uint16_t target = 0;
  object.read("targetPort", 1, 65535, "not a target port; write 1 to 65535", target);
  if (target != 0) out.target_port = target;
  if (const auto check = object.find("healthCheck")) read_health_check(*check, out.health_check);
  object.done();
}

void read_scheduler(const JsonValue& value, SchedulerSpec& out) {
  const auto parse_scheduler = [](const std::string& text) {
    return is_scheduler(text) ? std::optional(text) : std::nullopt;
  };
  static constexpr std::array<std::string_view, 5> kFlags{"mh-port", "mh-fallback", "sh-port",
                                                          "sh-fallback", "ops"};
  JsonObject object(value);
  if (const auto name = object.find("name")) {
    read_word(*name, parse_scheduler, scheduler_names(), out.name);
  }
  if (const auto flags = object.find("flags")) {
    flags->for_each_item(kMostFlags, [&out, keys = Keys()](const JsonValue& item) mutable {
      keys.check(item, item.json());
      read_word(item, any_of(kFlags), kFlags, out.flags.emplace_back());
    });
  }
  object.done();
}

void read_persistence(const JsonValue& value, std::optional<PersistenceSpec>& out) {
  static constexpr const char* kMessage =
      "the kernel counts persistence in whole seconds; write 1s to 744h";
  PersistenceSpec& persistence = out.emplace();
  JsonObject object(value);
  object.read("timeout", 1s, 744h, kMessage, persistence.timeout);
  if (persistence.timeout % 1s != 0s) object.find("timeout")->refuse(kMessage);
  int prefix = 0;
  object.read("prefixLength", 1, 128,
              "prefixLength is out of range; write 1 to 32, or up to 128 for an IPv6 VIP", prefix);
  if (prefix != 0) persistence.prefix_length = prefix;
  object.done();
}

void read_directors(const JsonValue& value, DirectorsSpec& out) {
  JsonObject object(value);
  if (const auto selector = object.find("nodeSelector"))
    read_selector(*selector, out.node_selector);
  if (const auto names = object.find("preferred")) {
    names->for_each_item(kMostPreferred, [&out, keys = Keys()](const JsonValue& item) mutable {
      keys.check(item, item.json());
      if (auto name = item.text(kLongestNodeName)) out.preferred.push_back(std::move(*name));
    });
  }
  if (object.find("preemptAfter")) {
    object.read("preemptAfter", 0s, 744h, "preemptAfter is too long; write 0s to 744h",
                out.preempt_after.emplace());
  }
  object.done();
}

void read_sorry_server(const JsonValue& value, std::optional<SorryServerSpec>& out) {
  SorryServerSpec sorry;
  JsonObject object(value);
  if (const auto forwarding = object.find("forwarding")) {
    read_word(*forwarding, parse_forwarding, kMethods, sorry.forwarding.emplace());
  }
  std::uint16_t port = 0;
  object.read("port", 1, 65535, "not a port; write 1 to 65535", port);
  if (port != 0) sorry.port = port;
  if (const auto address = object.require("address")) {
    if (const auto parsed = address->address()) {
      sorry.address = *parsed;
      out = sorry;
    }
  }
  object.done();
}

void read_frontend(JsonObject& object, VirtualServiceSpec& out) {
  if (const auto vips = object.find("vips")) {
    vips->for_each_item(kMostVips, [&out](const JsonValue& item) {
      if (const auto vip = item.address()) out.vips.push_back(*vip);
    });
  }
  if (const auto ports = object.find("ports")) {
    ports->for_each_item(kMostPorts, [&out, keys = Keys()](const JsonValue& item) mutable {
      PortSpec& port = out.ports.emplace_back();
      read_port(item, port);
      keys.check(item, {{"port", port.port}, {"protocol", to_string(port.protocol)}});
    });
  }
  if (const auto scheduler = object.find("scheduler")) read_scheduler(*scheduler, out.scheduler);
  if (const auto forwarding = object.find("forwarding")) {
    read_word(*forwarding, parse_forwarding, kMethods, out.forwarding);
  }
  if (const auto value = object.find("persistence")) read_persistence(*value, out.persistence);
}

void read_backends(JsonObject& object, VirtualServiceSpec& out) {
  if (const auto selector = object.find("realServerSelector")) {
    read_selector(*selector, out.real_server_selector);
  }
  if (const auto check = object.find("healthCheck")) read_health_check(*check, out.health_check);
  object.read("failOpenPercent", 0, 100, "failOpenPercent is out of range; write 0 to 100",
              out.fail_open_percent);
  if (const auto on_failure = object.find("onFailure")) {
    read_word(*on_failure, parse_on_failure, kOnFailure, out.on_failure);
  }
  if (const auto sorry = object.find("sorryServer")) read_sorry_server(*sorry, out.sorry_server);
  object.read("drainTimeout", 0s, 744h, "the drain timeout is too long; write 0s to 744h",
              out.drain_timeout);
}

}  // namespace

void read_virtual_service_spec(const JsonValue& value, VirtualServiceSpec& out) {
  JsonObject object(value);
  read_frontend(object, out);
  read_backends(object, out);
  if (const auto directors = object.find("directors")) read_directors(*directors, out.directors);
  object.read("interface", kLongestInterface, kNotAnInterface, out.interface);
  object.read("paused", out.paused);
  object.done();
}

void read_real_server_spec(const JsonValue& value, RealServerSpec& out) {
  JsonObject object(value);
  object.read("nodeName", kLongestNodeName, kNotANode, out.node_name);
  if (const auto address = object.find("address")) out.address = address->address();
  object.read("weight", 0, 65535,
              "the weight is out of range; write 0 to 65535 (0 takes no new connections)",
              out.weight);
  object.read("maxConnections", 0, kMostConnections,
              "maxConnections is out of range; write 0 to 4294967295 (0 is no limit)",
              out.max_connections);
  object.read("minConnections", 0, kMostConnections,
              "minConnections is out of range; write 0 to 4294967295", out.min_connections);
  object.read("drain", out.drain);
  object.done();
}

}  // namespace lvs
