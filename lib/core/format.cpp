#include "core/format.h"

#include <array>

namespace lvs {
namespace {

std::string_view protocol_option(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "-t ";
    case Protocol::kUdp:
      return "-u ";
    case Protocol::kSctp:
      break;
  }
  return "--sctp-service ";
}

std::string_view forwarding_option(ForwardingMethod method) {
  switch (method) {
    case ForwardingMethod::kDirectRouting:
      return "-g";
    case ForwardingMethod::kTunnel:
      return "-i";
    case ForwardingMethod::kMasquerade:
      break;
  }
  return "-m";
}

std::string service_option(const ServiceKey& key) {
  if (key.firewall_mark != 0) {
    return "-f " + std::to_string(key.firewall_mark) + (key.family() == Family::kV6 ? " -6" : "");
  }
  return std::string(protocol_option(key.protocol)) +
         to_string(DestinationKey{key.address, key.port});
}

std::string dotted_mask(int prefix) {
  IpAddress::Bytes bytes{};
  for (int bit = 0; bit < prefix; ++bit) {
    bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  return IpAddress(Family::kV4, bytes).to_string();
}

std::string mask_option(const ServiceConfig& config, Family family) {
  const int prefix = config.persistence_prefix;
  if (prefix == 0 || prefix == address_bits(family)) return {};
  return " -M " + (family == Family::kV4 ? dotted_mask(prefix) : std::to_string(prefix));
}

// The names that ipvsadm knows for mh and sh, flag-N for every other scheduler.
std::string scheduler_flag_names(const ServiceConfig& config) {
  constexpr std::array kBits{kFlagSched1, kFlagSched2, kFlagSched3};
  std::string names;
  for (std::size_t i = 0; i < kBits.size(); ++i) {
    if ((config.flags & kBits[i]) == 0) continue;
    std::string name = "flag-" + std::to_string(i + 1);
    for (const SchedulerFlag& flag : scheduler_flags()) {
      if (flag.bit == kBits[i] && flag.scheduler == config.scheduler) name = flag.name;
    }
    names += (names.empty() ? "" : ",") + name;
  }
  return names;
}

std::string service_line(std::string_view verb, const ServiceKey& key,
                         const ServiceConfig& config) {
  std::string line = std::string(verb) + " " + service_option(key) + " -s " +
                     (config.scheduler.empty() ? "none" : config.scheduler);
  if (config.persistence_seconds != 0) {
    line += " -p " + std::to_string(config.persistence_seconds);
    line += mask_option(config, key.family());
  }
  if ((config.flags & kFlagOnePacket) != 0) line += " -o";
  if (const std::string names = scheduler_flag_names(config); !names.empty())
    line += " -b " + names;
  return line;
}

std::string destination_line(std::string_view verb, const ServiceKey& service,
                             const DestinationKey& key, const DestinationConfig& config) {
  std::string line = std::string(verb) + " " + service_option(service) + " -r " + to_string(key) +
                     " " + std::string(forwarding_option(config.forwarding)) + " -w " +
                     std::to_string(config.weight);
  if (config.forwarding == ForwardingMethod::kTunnel) line += " --tun-type ipip";
  // `ipvsadm -S` leaves the thresholds out; `ipvsadm -R` needs them.
  if (config.upper_threshold != 0) line += " -x " + std::to_string(config.upper_threshold);
  if (config.lower_threshold != 0) line += " -y " + std::to_string(config.lower_threshold);
  return line;
}

std::string with_prefix(const IpAddress& address) {
  return address.to_string() + "/" + std::to_string(address_bits(address.family()));
}

std::string address_line(const AddAddress& add) {
  std::string line = "ip addr add " + with_prefix(add.address) + " dev " + add.interface;
  if (add.scope == VipScope::kLoopback) line += " scope host";
  if (add.address.family() == Family::kV6) line += " nodad";
  line += " noprefixroute";
  if (add.valid_seconds != 0) line += " valid_lft " + std::to_string(add.valid_seconds);
  return line;
}

std::string arp_line(const SetArp& set) {
  const std::string conf = "net.ipv4.conf." + set.interface;
  return "sysctl -w " + conf + ".arp_ignore=" + std::to_string(set.ignore) + " " + conf +
         ".arp_announce=" + std::to_string(set.announce);
}

std::string hardware_text(const std::array<std::uint8_t, 6>& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : address) {
    if (!text.empty()) text += ':';
    text += kDigits[byte / 16U];
    text += kDigits[byte % 16U];
  }
  return text;
}

// As nft lists it, shortened.
std::string delivery_line(const LocalDelivery& delivery) {
  if (delivery.vips.empty()) return "nft delete table inet lvs-agent-local";
  std::string vips;
  for (const IpAddress& vip : delivery.vips) vips += (vips.empty() ? "" : ", ") + vip.to_string();
  std::string from;
  for (const auto& each : delivery.directors) {
    from += (from.empty() ? "" : ", ") + hardware_text(each);
  }
  return "nft table inet lvs-agent-local: ether saddr { " + from + " } daddr { " + vips +
         " } meta mark set " + std::to_string(kDeliveryMark);
}

std::string daemon_line(const SyncDaemon& daemon) {
  return "--start-daemon " + to_string(daemon.role) + " --mcast-interface " + daemon.interface +
         " --syncid " + std::to_string(daemon.id) + " --mcast-group " + daemon.group.to_string() +
         " --mcast-port " + std::to_string(daemon.port);
}

struct Formatter {
  std::string operator()(const NewService& o) const { return service_line("-A", o.key, o.config); }
  std::string operator()(const SetService& o) const { return service_line("-E", o.key, o.config); }
  std::string operator()(const DeleteService& o) const { return "-D " + service_option(o.key); }
  std::string operator()(const NewDestination& o) const {
    return destination_line("-a", o.service, o.key, o.config);
  }
  std::string operator()(const SetDestination& o) const {
    return destination_line("-e", o.service, o.key, o.config);
  }
  std::string operator()(const DeleteDestination& o) const {
    return "-d " + service_option(o.service) + " -r " + to_string(o.key);
  }
  std::string operator()(const AddAddress& o) const { return address_line(o); }
  std::string operator()(const DeleteAddress& o) const {
    return "ip addr del " + with_prefix(o.address) + " dev " + o.interface;
  }
  std::string operator()(const SetArp& o) const { return arp_line(o); }
  std::string operator()(const SetAcceptLocal& o) const {
    return "sysctl -w net.ipv4.conf." + o.interface + ".accept_local=" + (o.on ? "1" : "0");
  }
  std::string operator()(const SetLocalDelivery& o) const { return delivery_line(o.delivery); }
  std::string operator()(const StartSyncDaemon& o) const { return daemon_line(o.daemon); }
  std::string operator()(const StopSyncDaemon& o) const {
    return "--stop-daemon " + to_string(o.role);
  }
  std::string operator()(const SetIpvsSetting& o) const {
    return "sysctl -w net.ipv4.vs." + o.name + "=\"" + o.value + "\"";
  }
};

template <typename Service>
std::string table_of(std::span<const Service> services) {
  std::string text;
  for (const Service& service : services) {
    text += service_line("-A", service.key, service.config) + "\n";
    for (const auto& destination : service.destinations) {
      text += destination_line("-a", service.key, destination.key, destination.config) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string format(const Operation& operation) { return std::visit(Formatter{}, operation); }

std::string format(std::span<const Operation> operations) {
  std::string text;
  for (const Operation& operation : operations) text += format(operation) + "\n";
  return text;
}

std::string format_table(std::span<const ObservedService> services) { return table_of(services); }
std::string format_table(std::span<const DesiredService> services) { return table_of(services); }

}  // namespace lvs
