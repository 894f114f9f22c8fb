#include <algorithm>
#include <bit>

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <sys/socket.h>

#include "agent/kernel/netlink_ipvs_codec.h"

namespace lvs::netlink {
namespace {

using CommandTable = AttributeTable<IPVS_CMD_ATTR_MAX + 1>;
using ServiceTable = AttributeTable<IPVS_SVC_ATTR_MAX + 1>;
using DestinationTable = AttributeTable<IPVS_DEST_ATTR_MAX + 1>;
using DaemonTable = AttributeTable<IPVS_DAEMON_ATTR_MAX + 1>;
using StatsTable = AttributeTable<IPVS_STATS_ATTR_MAX + 1>;

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::kCorrupt, std::string("IPVS dump: ") + what +
                                       " is missing or malformed; is this kernel older than 4.1?");
}

std::optional<Family> known_family(std::uint16_t native) {
  if (native == AF_INET) return Family::kV4;
  if (native == AF_INET6) return Family::kV6;
  return std::nullopt;
}

std::optional<Protocol> known_protocol(std::uint16_t number) {
  for (const auto protocol : {Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    if (number == static_cast<std::uint16_t>(protocol)) return protocol;
  }
  return std::nullopt;
}

// The kernel always sends 16 bytes; of an IPv4 address the first four count.
std::optional<IpAddress> read_address(Bytes data, Family family) {
  const std::size_t wanted = family == Family::kV4 ? 4 : 16;
  if (data.size() < wanted) return std::nullopt;
  IpAddress::Bytes bytes{};
  std::copy_n(data.begin(), wanted, bytes.begin());
  return IpAddress(family, bytes);
}

std::optional<TrafficCounters> read_stats(Bytes nest) {
  const auto stats = StatsTable::parse(nest);
  if (!stats) return std::nullopt;
  const auto counter = [&](std::size_t type) { return stats->get_or<std::uint64_t>(type, 0); };
  return TrafficCounters{counter(IPVS_STATS_ATTR_CONNS), counter(IPVS_STATS_ATTR_INPKTS),
                         counter(IPVS_STATS_ATTR_OUTPKTS), counter(IPVS_STATS_ATTR_INBYTES),
                         counter(IPVS_STATS_ATTR_OUTBYTES)};
}

int read_prefix(Family family, std::uint32_t netmask) {
  if (family == Family::kV6) return static_cast<int>(std::min<std::uint32_t>(netmask, 128));
  return std::countl_one(ntohl(netmask));
}

std::optional<ServiceKey> read_service_key(const ServiceTable& table, Family family) {
  ServiceKey key;
  key.address = IpAddress(family, {});
  if (const auto mark = table.get<std::uint32_t>(IPVS_SVC_ATTR_FWMARK)) {
    key.firewall_mark = *mark;
    return key;
  }
  const auto address = read_address(table.data(IPVS_SVC_ATTR_ADDR), family);
  const auto port = table.get<std::uint16_t>(IPVS_SVC_ATTR_PORT);
  const auto protocol = known_protocol(table.get_or<std::uint16_t>(IPVS_SVC_ATTR_PROTOCOL, 0));
  if (!address || !port || !protocol) return std::nullopt;
  return ServiceKey{*address, *protocol, ntohs(*port), 0};
}

std::optional<ServiceConfig> read_service_config(const ServiceTable& table, Family family) {
  const auto flags = table.get<ip_vs_flags>(IPVS_SVC_ATTR_FLAGS);
  const auto seconds = table.get<std::uint32_t>(IPVS_SVC_ATTR_TIMEOUT);
  const auto mask = table.get<std::uint32_t>(IPVS_SVC_ATTR_NETMASK);
  if (!table.has(IPVS_SVC_ATTR_SCHED_NAME) || !flags || !seconds || !mask) return std::nullopt;
  ServiceConfig config;
  config.scheduler = table.text(IPVS_SVC_ATTR_SCHED_NAME);
  if (config.scheduler == "none") config.scheduler.clear();
  config.flags = flags->flags & ~(kFlagHashed | kFlagOwned);
  if ((config.flags & kFlagPersistent) != 0) {
    config.persistence_seconds = *seconds;
    config.persistence_prefix = read_prefix(family, *mask);
  }
  return config;
}

std::optional<CommandTable> read_command(Bytes payload) {
  if (!take_header<genlmsghdr>(payload)) return std::nullopt;
  return CommandTable::parse(payload);
}

std::optional<ForwardingMethod> known_forwarding(std::uint32_t number) {
  switch (number & IP_VS_CONN_F_FWD_MASK) {
    case IP_VS_CONN_F_MASQ:
      return ForwardingMethod::kMasquerade;
    case IP_VS_CONN_F_TUNNEL:
      return ForwardingMethod::kTunnel;
    case IP_VS_CONN_F_DROUTE:
      return ForwardingMethod::kDirectRouting;
    default:
      return std::nullopt;
  }
}

std::optional<DestinationKey> read_destination_key(const DestinationTable& table,
                                                   Family service_family) {
  const auto native = table.get<std::uint16_t>(IPVS_DEST_ATTR_ADDR_FAMILY);
  const auto family = native ? known_family(*native) : service_family;
  const auto port = table.get<std::uint16_t>(IPVS_DEST_ATTR_PORT);
  if (!family || !port) return std::nullopt;
  const auto address = read_address(table.data(IPVS_DEST_ATTR_ADDR), *family);
  if (!address) return std::nullopt;
  return DestinationKey{*address, ntohs(*port)};
}

}  // namespace

Result<std::optional<ObservedService>> decode_service(Bytes payload) {
  const auto command = read_command(payload);
  if (!command || !command->has(IPVS_CMD_ATTR_SERVICE)) return malformed("the service");
  const auto table = ServiceTable::parse(command->data(IPVS_CMD_ATTR_SERVICE));
  const auto native = table ? table->get<std::uint16_t>(IPVS_SVC_ATTR_AF) : std::nullopt;
  if (!native) return malformed("a service's address family");
  const auto family = known_family(*native);
  const auto protocol = table->get<std::uint16_t>(IPVS_SVC_ATTR_PROTOCOL);
  if (!family || (protocol && !known_protocol(*protocol))) return std::nullopt;

  const auto key = read_service_key(*table, *family);
  const auto config = read_service_config(*table, *family);
  const auto traffic = read_stats(table->data(IPVS_SVC_ATTR_STATS64));
  if (!key) return malformed("a service's address, protocol or port");
  if (!config) return malformed("a service's configuration");
  if (!traffic) return malformed("a service's statistics");

  ObservedService service;
  service.key = *key;
  service.config = *config;
  const auto flags = table->get<ip_vs_flags>(IPVS_SVC_ATTR_FLAGS);
  service.owned = (flags->flags & kFlagOwned) == kFlagOwned;
  service.traffic = *traffic;
  return service;
}

Result<ObservedDestination> decode_destination(Bytes payload, Family service_family) {
  const auto command = read_command(payload);
  if (!command || !command->has(IPVS_CMD_ATTR_DEST)) return malformed("the destination");
  const auto table = DestinationTable::parse(command->data(IPVS_CMD_ATTR_DEST));
  if (!table) return malformed("a destination");
  const auto key = read_destination_key(*table, service_family);
  const auto method = table->get<std::uint32_t>(IPVS_DEST_ATTR_FWD_METHOD);
  const auto weight = table->get<std::uint32_t>(IPVS_DEST_ATTR_WEIGHT);
  const auto traffic = read_stats(table->data(IPVS_DEST_ATTR_STATS64));
  if (!key || !method || !weight)
    return malformed("a destination's address, port, method or weight");
  if (!traffic) return malformed("a destination's statistics");
  const auto forwarding = known_forwarding(*method);
  if (!forwarding) {
    return fail(
        ErrorCode::kUnsupported,
        "destination " + to_string(*key) + " has forwarding method " +
            std::to_string(*method & IP_VS_CONN_F_FWD_MASK) +
            ", which is none of direct routing, tunnel and masquerade; remove it with ipvsadm -d");
  }
  const auto number = [&](std::size_t type) { return table->get_or<std::uint32_t>(type, 0); };
  ObservedDestination destination;
  destination.key = *key;
  destination.config = {*forwarding, *weight, number(IPVS_DEST_ATTR_U_THRESH),
                        number(IPVS_DEST_ATTR_L_THRESH)};
  destination.connections = {number(IPVS_DEST_ATTR_ACTIVE_CONNS),
                             number(IPVS_DEST_ATTR_INACT_CONNS),
                             number(IPVS_DEST_ATTR_PERSIST_CONNS)};
  destination.traffic = *traffic;
  return destination;
}

Result<SyncDaemon> decode_daemon(Bytes payload) {
  const auto command = read_command(payload);
  if (!command || !command->has(IPVS_CMD_ATTR_DAEMON)) return malformed("the sync daemon");
  const auto table = DaemonTable::parse(command->data(IPVS_CMD_ATTR_DAEMON));
  if (!table) return malformed("a sync daemon");
  const auto state = table->get_or<std::uint32_t>(IPVS_DAEMON_ATTR_STATE, IP_VS_STATE_NONE);
  const auto id = table->get<std::uint32_t>(IPVS_DAEMON_ATTR_SYNC_ID);
  const bool known = state == IP_VS_STATE_MASTER || state == IP_VS_STATE_BACKUP;
  if (!known || !id) return malformed("a sync daemon's state or id");
  SyncDaemon daemon;
  daemon.role = state == IP_VS_STATE_MASTER ? SyncRole::kMaster : SyncRole::kBackup;
  daemon.interface = table->text(IPVS_DAEMON_ATTR_MCAST_IFN);
  daemon.id = *id;
  daemon.port = table->get_or<std::uint16_t>(IPVS_DAEMON_ATTR_MCAST_PORT, 0);
  const bool v6 = table->has(IPVS_DAEMON_ATTR_MCAST_GROUP6);
  const auto group =
      read_address(table->data(v6 ? IPVS_DAEMON_ATTR_MCAST_GROUP6 : IPVS_DAEMON_ATTR_MCAST_GROUP),
                   v6 ? Family::kV6 : Family::kV4);
  if (!group) return malformed("a sync daemon's group");
  daemon.group = *group;
  return daemon;
}

}  // namespace lvs::netlink
