#include "wire/codec_parts.h"

namespace lvs {
namespace {

constexpr std::uint64_t kMostU16 = 0xffff;
constexpr std::uint64_t kMostU32 = 0xffff'ffff;
constexpr std::uint64_t kMostWeight = 0x7fff'ffff;  // the kernel's is an int
constexpr std::uint64_t kMostPrefix = 128;
constexpr std::uint64_t kMostDurationMs = std::uint64_t{1} << 40U;  // 34 years
constexpr std::size_t kMostCandidates = 1024;
constexpr std::size_t kMostAddresses = 64;

Duration read_duration(Fields& in, std::string_view key) {
  return Duration(static_cast<Duration::rep>(in.number(key, kMostDurationMs)));
}

}  // namespace

void write_service_key(JsonWriter& out, const ServiceKey& key) {
  if (key.firewall_mark != 0) {
    out.member("firewallMark", key.firewall_mark);
    out.member("family", key.family() == Family::kV4 ? "IPv4" : "IPv6");
    return;
  }
  out.member("address", key.address.to_string());
  out.member("protocol", to_string(key.protocol));
  out.member("port", key.port);
}

ServiceKey read_service_key(Fields& in) {
  ServiceKey key;
  if (in.has("firewallMark")) {
    key.firewall_mark = static_cast<std::uint32_t>(in.number("firewallMark", kMostU32));
    if (key.firewall_mark == 0) in.refuse("firewallMark", "must not be 0");
    const auto family = in.text("family");
    if (family == "IPv6") {
      key.address = IpAddress(Family::kV6, {});
    } else if (family != "IPv4") {
      in.refuse("family", "must be IPv4 or IPv6");
    }
    return key;
  }
  key.address = in.address("address");
  if (const auto protocol = parse_protocol(in.text("protocol"))) {
    key.protocol = *protocol;
  } else {
    in.refuse("protocol", "must be TCP, UDP or SCTP");
  }
  key.port = static_cast<std::uint16_t>(in.number("port", kMostU16));
  return key;
}

void write_service_config(JsonWriter& out, const ServiceConfig& config) {
  out.optional("scheduler", config.scheduler);
  out.optional("flags", config.flags);
  out.optional("persistenceSeconds", config.persistence_seconds);
  out.optional("persistencePrefix", static_cast<std::uint64_t>(config.persistence_prefix));
}

ServiceConfig read_service_config(Fields& in) {
  ServiceConfig config;
  config.scheduler = in.optional_text("scheduler");
  config.flags = static_cast<std::uint32_t>(in.optional_number("flags", 0, kMostU32));
  config.persistence_seconds =
      static_cast<std::uint32_t>(in.optional_number("persistenceSeconds", 0, kMostU32));
  config.persistence_prefix =
      static_cast<int>(in.optional_number("persistencePrefix", 0, kMostPrefix));
  return config;
}

void write_destination_key(JsonWriter& out, const DestinationKey& key) {
  out.member("serverAddress", key.address.to_string());
  out.member("serverPort", key.port);
}

DestinationKey read_destination_key(Fields& in) {
  DestinationKey key;
  key.address = in.address("serverAddress");
  key.port = static_cast<std::uint16_t>(in.number("serverPort", kMostU16));
  return key;
}

void write_destination_config(JsonWriter& out, const DestinationConfig& config) {
  out.member("weight", config.weight);
  if (config.forwarding != ForwardingMethod::kDirectRouting) {
    out.member("forwarding", to_string(config.forwarding));
  }
  out.optional("upperThreshold", config.upper_threshold);
  out.optional("lowerThreshold", config.lower_threshold);
}

namespace {

ForwardingMethod read_forwarding(Fields& in, std::string_view key) {
  if (!in.has(key)) return ForwardingMethod::kDirectRouting;
  if (const auto forwarding = parse_forwarding(in.text(key))) return *forwarding;
  in.refuse(key, "must be DirectRouting, Tunnel or Masquerade");
  return ForwardingMethod::kDirectRouting;
}

}  // namespace

DestinationConfig read_destination_config(Fields& in) {
  DestinationConfig config;
  config.weight = static_cast<std::uint32_t>(in.number("weight", kMostWeight));
  config.forwarding = read_forwarding(in, "forwarding");
  config.upper_threshold =
      static_cast<std::uint32_t>(in.optional_number("upperThreshold", 0, kMostU32));
  config.lower_threshold =
      static_cast<std::uint32_t>(in.optional_number("lowerThreshold", 0, kMostU32));
  return config;
}

namespace {

void write_sorry(JsonWriter& out, const PlannedSorryServer& sorry) {
  out.member("sorryAddress", sorry.key.address.to_string());
  out.member("sorryPort", sorry.key.port);
  out.member("sorryForwarding", to_string(sorry.forwarding));
}

PlannedSorryServer read_sorry(Fields& in) {
  return {
      {in.address("sorryAddress"), static_cast<std::uint16_t>(in.number("sorryPort", kMostU16))},
      read_forwarding(in, "sorryForwarding")};
}

}  // namespace

void write_header(JsonWriter& out, const PlannedServiceHeader& header) {
  out.member("virtualService", object_text(header.virtual_service));
  write_service_config(out, header.config);
  out.member("drainTimeoutMs", static_cast<std::uint64_t>(header.drain_timeout.count()));
  out.optional_flag("paused", header.paused);
  if (header.health) write_health(out, *header.health);
  if (header.sorry) write_sorry(out, *header.sorry);
}

PlannedServiceHeader read_header(Fields& in) {
  PlannedServiceHeader header;
  header.virtual_service = read_object(in, "virtualService");
  header.config = read_service_config(in);
  header.drain_timeout = read_duration(in, "drainTimeoutMs");
  header.paused = in.optional_flag("paused");
  if (in.has("health")) header.health = read_health(in);
  if (in.has("sorryAddress")) header.sorry = read_sorry(in);
  return header;
}

void write_vip(JsonWriter& out, const PlannedVip& vip) {
  out.optional("interface", vip.interface);
  if (vip.preempt_after) {
    out.member("preemptAfterMs", static_cast<std::uint64_t>(vip.preempt_after->count()));
  }
  if (vip.move) {
    out.member("moveFromTerm", vip.move->term);
    out.optional("moveTo", vip.move->to);
  }
  if (vip.candidates.empty()) return;
  out.key("candidates");
  out.begin_array();
  for (const auto& candidate : vip.candidates) out.text(candidate);
  out.end_array();
}

PlannedVip read_vip(Fields& in) {
  PlannedVip vip;
  vip.interface = in.optional_text("interface");
  vip.candidates = in.texts("candidates", kMostCandidates);
  if (in.has("preemptAfterMs")) vip.preempt_after = read_duration(in, "preemptAfterMs");
  if (in.has("moveFromTerm")) {
    vip.move = PlannedMove{in.number("moveFromTerm"), in.optional_text("moveTo")};
  }
  return vip;
}

void write_director(JsonWriter& out, const PlannedDirector& director) {
  out.key("addresses");
  out.begin_array();
  for (const auto& address : director.addresses) out.text(address.to_string());
  out.end_array();
  out.optional_flag("drained", director.drained);
}

PlannedDirector read_director(Fields& in) {
  PlannedDirector director;
  for (const auto& text : in.texts("addresses", kMostAddresses)) {
    const auto address = IpAddress::parse(text);
    if (!address) in.refuse("addresses", "must be IP addresses");
    if (address) director.addresses.push_back(*address);
  }
  director.drained = in.optional_flag("drained");
  return director;
}

void write_backend(JsonWriter& out, const PlannedBackend& backend) {
  out.member("serverAddress", backend.server_address.to_string());
  if (backend.forwarding != ForwardingMethod::kDirectRouting) {
    out.member("forwarding", to_string(backend.forwarding));
  }
}

PlannedBackend read_backend(Fields& in) {
  PlannedBackend backend;
  backend.server_address = in.address("serverAddress");
  backend.forwarding = read_forwarding(in, "forwarding");
  return backend;
}

std::string object_text(const ObjectKey& key) { return key.ns + "/" + key.name; }

Result<ObjectKey> parse_object(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash + 1 == text.size() ||
      text.find('/', slash + 1) != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "must be namespace/name");
  }
  return ObjectKey{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

ObjectKey read_object(Fields& in, std::string_view key) {
  auto object = parse_object(in.text(key));
  if (object) return std::move(*object);
  in.refuse(key, object.error().message);
  return {};
}

std::string_view to_string(Admission admission) {
  switch (admission) {
    case Admission::kAdmit:
      return "admit";
    case Admission::kHold:
      return "hold";
    case Admission::kDrain:
      return "drain";
    case Admission::kForceUp:
      return "forceUp";
    case Admission::kForceDown:
      return "forceDown";
    case Admission::kKeep:
      break;
  }
  return "keep";
}

std::optional<Admission> parse_admission(std::string_view text) {
  for (const auto admission : {Admission::kAdmit, Admission::kHold, Admission::kKeep,
                               Admission::kDrain, Admission::kForceUp, Admission::kForceDown}) {
    if (text == to_string(admission)) return admission;
  }
  return std::nullopt;
}

void read_version(Fields& in) {
  if (in.number("version") != kWireVersion) {
    in.refuse("version", "must be 1; operator and agent are too far apart");
  }
}

}  // namespace lvs
