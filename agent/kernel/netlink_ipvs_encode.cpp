#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "agent/kernel/netlink_ipvs_codec.h"

namespace lvs::netlink {
namespace {

constexpr std::uint8_t kGenlVersion = 1;

void open_request(std::uint8_t command, std::uint16_t family_id, std::uint16_t flags,
                  Batch& batch) {
  batch.open_message(family_id, flags);
  batch.put(bytes_of(genlmsghdr{command, kGenlVersion, 0}));
}

Bytes address_bytes(const IpAddress& address) {
  return Bytes(address.bytes()).first(address.byte_count());
}

std::uint16_t native_family(Family family) { return family == Family::kV4 ? AF_INET : AF_INET6; }

// A firewall mark and an address exclude each other: the kernel ignores the address as soon as the
// attribute is there, even when the mark is 0.
void put_service_identity(const ServiceKey& key, Batch& batch) {
  batch.number(IPVS_SVC_ATTR_AF, native_family(key.family()));
  if (key.firewall_mark != 0) {
    batch.number(IPVS_SVC_ATTR_FWMARK, key.firewall_mark);
    return;
  }
  batch.number(IPVS_SVC_ATTR_PROTOCOL, static_cast<std::uint16_t>(key.protocol));
  batch.attribute(IPVS_SVC_ATTR_ADDR, address_bytes(key.address));
  batch.number(IPVS_SVC_ATTR_PORT, htons(key.port));
}

// IPv4: a mask in network order. IPv6: the prefix length as a number.
std::uint32_t netmask(Family family, int prefix) {
  const auto length = static_cast<unsigned>(prefix);
  if (family == Family::kV6) return length == 0 ? 128 : length;
  return length == 0 ? 0xffffffff : htonl(0xffffffffU << (32 - length));
}

void put_service_config(Family family, const ServiceConfig& config, Batch& batch) {
  std::uint32_t flags = (config.flags | kFlagOwned) & ~(kFlagHashed | kFlagPersistent);
  if (config.persistence_seconds > 0) flags |= kFlagPersistent;
  batch.text(IPVS_SVC_ATTR_SCHED_NAME, config.scheduler.empty() ? "none" : config.scheduler);
  batch.attribute(IPVS_SVC_ATTR_FLAGS, bytes_of(ip_vs_flags{flags, ~kFlagHashed}));
  batch.number(IPVS_SVC_ATTR_TIMEOUT, config.persistence_seconds);
  batch.number(IPVS_SVC_ATTR_NETMASK, netmask(family, config.persistence_prefix));
}

void put_identity_nest(const ServiceKey& key, Batch& batch) {
  const auto nest = batch.open_nest(IPVS_CMD_ATTR_SERVICE);
  put_service_identity(key, batch);
  batch.close_nest(nest);
}

std::uint32_t forward_number(ForwardingMethod method) {
  switch (method) {
    case ForwardingMethod::kDirectRouting:
      return IP_VS_CONN_F_DROUTE;
    case ForwardingMethod::kTunnel:
      return IP_VS_CONN_F_TUNNEL;
    case ForwardingMethod::kMasquerade:
      break;
  }
  return IP_VS_CONN_F_MASQ;
}

// Without the attribute the kernel takes the service's family (since 3.18).
void put_destination_identity(const ServiceKey& service, const DestinationKey& key, Batch& batch) {
  batch.attribute(IPVS_DEST_ATTR_ADDR, address_bytes(key.address));
  batch.number(IPVS_DEST_ATTR_PORT, htons(key.port));
  if (key.address.family() != service.family()) {
    batch.number(IPVS_DEST_ATTR_ADDR_FAMILY, native_family(key.address.family()));
  }
}

void encode_service(std::uint8_t command, const ServiceKey& key, const ServiceConfig& config,
                    std::uint16_t family_id, Batch& batch) {
  open_request(command, family_id, 0, batch);
  const auto nest = batch.open_nest(IPVS_CMD_ATTR_SERVICE);
  put_service_identity(key, batch);
  put_service_config(key.family(), config, batch);
  batch.close_nest(nest);
  batch.close_message();
}

template <typename NewOrSet>
void encode_destination(std::uint8_t command, const NewOrSet& operation, std::uint16_t family_id,
                        Batch& batch) {
  open_request(command, family_id, 0, batch);
  put_identity_nest(operation.service, batch);
  const auto nest = batch.open_nest(IPVS_CMD_ATTR_DEST);
  put_destination_identity(operation.service, operation.key, batch);
  batch.number(IPVS_DEST_ATTR_FWD_METHOD, forward_number(operation.config.forwarding));
  batch.number(IPVS_DEST_ATTR_WEIGHT, operation.config.weight);
  batch.number(IPVS_DEST_ATTR_U_THRESH, operation.config.upper_threshold);
  batch.number(IPVS_DEST_ATTR_L_THRESH, operation.config.lower_threshold);
  batch.close_nest(nest);
  batch.close_message();
}

// The port is in host order, unlike those of services and destinations.
void put_daemon(const SyncDaemon& daemon, Batch& batch) {
  const bool v4 = daemon.group.family() == Family::kV4;
  batch.number(IPVS_DAEMON_ATTR_STATE, static_cast<std::uint32_t>(daemon.role));
  batch.text(IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface);
  batch.number(IPVS_DAEMON_ATTR_SYNC_ID, daemon.id);
  batch.attribute(v4 ? IPVS_DAEMON_ATTR_MCAST_GROUP : IPVS_DAEMON_ATTR_MCAST_GROUP6,
                  address_bytes(daemon.group));
  batch.number(IPVS_DAEMON_ATTR_MCAST_PORT, daemon.port);
}

struct Encoder {
  std::uint16_t family_id;
  Batch& batch;

  bool operator()(const NewService& o) const {
    encode_service(IPVS_CMD_NEW_SERVICE, o.key, o.config, family_id, batch);
    return true;
  }
  bool operator()(const SetService& o) const {
    encode_service(IPVS_CMD_SET_SERVICE, o.key, o.config, family_id, batch);
    return true;
  }
  bool operator()(const DeleteService& o) const {
    open_request(IPVS_CMD_DEL_SERVICE, family_id, 0, batch);
    put_identity_nest(o.key, batch);
    batch.close_message();
    return true;
  }
  bool operator()(const NewDestination& o) const {
    encode_destination(IPVS_CMD_NEW_DEST, o, family_id, batch);
    return true;
  }
  bool operator()(const SetDestination& o) const {
    encode_destination(IPVS_CMD_SET_DEST, o, family_id, batch);
    return true;
  }
  bool operator()(const DeleteDestination& o) const {
    open_request(IPVS_CMD_DEL_DEST, family_id, 0, batch);
    put_identity_nest(o.service, batch);
    const auto nest = batch.open_nest(IPVS_CMD_ATTR_DEST);
    put_destination_identity(o.service, o.key, batch);
    batch.close_nest(nest);
    batch.close_message();
    return true;
  }
  bool operator()(const AddAddress&) const { return false; }
  bool operator()(const DeleteAddress&) const { return false; }
  bool operator()(const SetArp&) const { return false; }
  bool operator()(const SetAcceptLocal&) const { return false; }
  bool operator()(const SetLocalDelivery&) const { return false; }
  bool operator()(const SetIpvsSetting&) const { return false; }
  bool operator()(const StartSyncDaemon& o) const {
    open_request(IPVS_CMD_NEW_DAEMON, family_id, 0, batch);
    const auto nest = batch.open_nest(IPVS_CMD_ATTR_DAEMON);
    put_daemon(o.daemon, batch);
    batch.close_nest(nest);
    batch.close_message();
    return true;
  }
  bool operator()(const StopSyncDaemon& o) const {
    open_request(IPVS_CMD_DEL_DAEMON, family_id, 0, batch);
    const auto nest = batch.open_nest(IPVS_CMD_ATTR_DAEMON);
    batch.number(IPVS_DAEMON_ATTR_STATE, static_cast<std::uint32_t>(o.role));
    batch.close_nest(nest);
    batch.close_message();
    return true;
  }
};

}  // namespace

bool encode_ipvs(const Operation& operation, std::uint16_t family_id, Batch& batch) {
  return std::visit(Encoder{family_id, batch}, operation);
}

void encode_dump_services(std::uint16_t family_id, Batch& batch) {
  open_request(IPVS_CMD_GET_SERVICE, family_id, NLM_F_DUMP, batch);
  batch.close_message();
}

void encode_dump_destinations(const ServiceKey& service, std::uint16_t family_id, Batch& batch) {
  open_request(IPVS_CMD_GET_DEST, family_id, NLM_F_DUMP, batch);
  put_identity_nest(service, batch);
  batch.close_message();
}

void encode_dump_daemons(std::uint16_t family_id, Batch& batch) {
  open_request(IPVS_CMD_GET_DAEMON, family_id, NLM_F_DUMP, batch);
  batch.close_message();
}

}  // namespace lvs::netlink
