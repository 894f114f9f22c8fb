#include "agent/kernel/netlink_local_delivery.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>

#include <linux/netlink.h>

#include "agent/kernel/modules.h"
#include "agent/kernel/netlink_local_delivery_codec.h"
#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

constexpr std::array kFamilies{Family::kV4, Family::kV6};

ServiceKey key_for(Family family) {
  return {IpAddress(family, {}), Protocol::kTcp, 0, kDeliveryMark};
}

// New connections are for this machine; the others are there to be found.
std::map<DestinationKey, DestinationConfig> destinations_of(Family family,
                                                            const LocalDelivery& wanted) {
  std::map<DestinationKey, DestinationConfig> all;
  const auto take = [&](const std::vector<IpAddress>& addresses, std::uint32_t weight) {
    for (const IpAddress& address : addresses) {
      DestinationConfig config;
      config.weight = weight;
      if (address.family() == family) all.emplace(DestinationKey{address, 0}, config);
    }
  };
  take(wanted.servers, 1);
  take(wanted.others, 0);
  return all;
}

// The change of IPVS for one family.
Result<void> serve(Family family, const LocalDelivery& wanted, Ipvs& ipvs, ChangeSet& operations) {
  const ServiceKey key = key_for(family);
  const auto server = std::find_if(wanted.servers.begin(), wanted.servers.end(),
                                   [&](const IpAddress& each) { return each.family() == family; });
  if (server == wanted.servers.end()) {
    operations.push_back(DeleteService{key});
    return {};
  }
  const auto present = ipvs.dump_destinations(key);
  if (!present) return tl::unexpected(present.error());
  const std::map<DestinationKey, DestinationConfig> all = destinations_of(family, wanted);
  operations.push_back(NewService{key, {"rr", 0, 0, 0}});
  std::set<DestinationKey> there;
  for (const ObservedDestination& each : *present) {
    there.insert(each.key);
    if (!all.contains(each.key)) operations.push_back(DeleteDestination{key, each.key});
  }
  for (const auto& [address, config] : all) {
    if (there.contains(address)) {
      operations.push_back(SetDestination{key, address, config});
    } else {
      operations.push_back(NewDestination{key, address, config});
    }
  }
  return {};
}

}  // namespace

Result<void> LocalDeliveryTable::connect() {
  if (socket_) return {};
  auto socket = Socket::connect(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(socket.error());
  socket_ = std::move(*socket);
  return {};
}

Result<LocalDelivery> LocalDeliveryTable::read(Ipvs& ipvs) {
  LocalDelivery delivery;
  if (!was_set_ && !nf_tables_is_loaded()) return delivery;
  const auto there = read_sets(delivery);
  if (!there) return tl::unexpected(there.error());
  // Somebody may have flushed the table; the services are ours all the same.
  if (!*there) delivery = {};
  for (const Family family : kFamilies) {
    const auto servers = ipvs.dump_destinations(key_for(family));
    if (!servers) return tl::unexpected(servers.error());
    for (const ObservedDestination& each : *servers) {
      auto& addresses = each.config.weight > 0 ? delivery.servers : delivery.others;
      addresses.push_back(each.key.address);
    }
  }
  std::sort(delivery.vips.begin(), delivery.vips.end());
  std::sort(delivery.others.begin(), delivery.others.end());
  std::sort(delivery.directors.begin(), delivery.directors.end());
  return delivery;
}

Result<bool> LocalDeliveryTable::read_sets(LocalDelivery& delivery) {
  for (const auto set : {DeliverySet::kDirectors, DeliverySet::kIpv4, DeliverySet::kIpv6}) {
    if (auto connected = connect(); !connected) return tl::unexpected(connected.error());
    batch_.clear();
    encode_dump_set(set, batch_);
    const auto dumped = socket_->dump(batch_, [&](const Message& message) {
      return decode_elements(set, message.payload, delivery);
    });
    if (dumped) continue;
    socket_.reset();
    if (dumped.error().code == ErrorCode::kNotFound) return false;
    return tl::unexpected(dumped.error());
  }
  return true;
}

Answer LocalDeliveryTable::mark_packets(const LocalDelivery& wanted) {
  if (auto connected = connect(); !connected) return {EOPNOTSUPP, connected.error().message};
  batch_.clear();
  encode_local_delivery(wanted, batch_);
  Answer answer = socket_->commit(batch_);
  if (answer.error_number == EIO) socket_.reset();
  const bool gone_already = wanted.vips.empty() && answer.error_number == ENOENT;
  return gone_already ? Answer{} : answer;
}

void LocalDeliveryTable::apply(const SetLocalDelivery& operation, std::size_t index, Ipvs& ipvs,
                               ApplyReport& report) {
  was_set_ = true;
  // Marks first where they go, services first where they come: a mark finds its service.
  Answer marked;
  if (operation.delivery.vips.empty()) marked = mark_packets(operation.delivery);
  ChangeSet operations;
  for (const Family family : kFamilies) {
    if (auto known = serve(family, operation.delivery, ipvs, operations); !known) {
      report.failures.push_back({index, EIO, known.error()});
      return;
    }
  }
  ApplyReport served;
  ipvs.apply(operations, 0, served);
  report.in_doubt = report.in_doubt || served.in_doubt;
  for (const OperationFailure& failure : served.failures) {
    if (failure.error_number == EEXIST || failure.error_number == ESRCH) continue;
    report.failures.push_back({index, failure.error_number, failure.error});
    return;
  }
  if (!operation.delivery.vips.empty()) marked = mark_packets(operation.delivery);
  if (marked.error_number == 0) return;
  report.failures.push_back(
      {index, marked.error_number, explain_errno(operation, marked.error_number, marked.text)});
}

}  // namespace lvs::netlink
