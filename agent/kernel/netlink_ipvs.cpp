#include "agent/kernel/netlink_ipvs.h"

#include <algorithm>
#include <cerrno>

#include <linux/netlink.h>

#include "agent/kernel/modules.h"
#include "agent/kernel/netlink_ipvs_codec.h"
#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

template <typename T>
void sort_by_key(std::vector<T>& objects) {
  std::sort(objects.begin(), objects.end(), [](const T& a, const T& b) { return a.key < b.key; });
}

}  // namespace

Result<void> Ipvs::open() {
  if (socket_) return {};
  auto socket = Socket::connect(NETLINK_GENERIC);
  if (!socket) return tl::unexpected(socket.error());
  const auto family = socket->resolve_family(kIpvsFamilyName);
  if (!family) return tl::unexpected(family.error());
  family_id_ = *family;
  socket_ = std::move(*socket);
  return {};
}

void Ipvs::notice_unloaded_module() {
  if (!ipvs_is_loaded()) socket_.reset();  // a family that comes back has another number
}

Result<void> Ipvs::load() {
  notice_unloaded_module();
  auto opened = open();
  if (opened || opened.error().code != ErrorCode::kNotFound) return opened;
  // The kernel's own autoload goes by an alias that not every distribution's modules.alias has.
  if (modprobe_allowed_ && load_module("ip_vs")) opened = open();
  if (!opened && opened.error().code == ErrorCode::kNotFound) {
    return tl::unexpected(ipvs_is_missing());
  }
  return opened;
}

Result<bool> Ipvs::dump(const std::function<void(std::uint16_t, Batch&)>& encode,
                        const Socket::OnMessage& on_message) {
  if (!socket_ && !ipvs_is_loaded()) return false;
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  batch_.clear();
  encode(family_id_, batch_);
  auto dumped = socket_->dump(batch_, on_message);
  if (!dumped) {
    socket_.reset();
    return tl::unexpected(dumped.error());
  }
  return true;
}

Result<std::vector<ObservedService>> Ipvs::dump_services() {
  return dump_services_if([](const ObservedService& service) {
    return service.key.firewall_mark != kDeliveryMark &&
           !is_probe_service(service.key, service.config.flags, service.owned);
  });
}

Result<std::vector<ObservedService>> Ipvs::dump_mark_services() {
  return dump_services_if([](const ObservedService& service) {
    return service.key.firewall_mark != 0 && service.key.firewall_mark != kDeliveryMark;
  });
}

Result<std::vector<ObservedService>> Ipvs::dump_services_if(
    bool (*wanted)(const ObservedService&)) {
  notice_unloaded_module();
  std::vector<ObservedService> services;
  const auto dumped = dump(encode_dump_services, [&](const Message& message) -> Result<void> {
    auto service = decode_service(message.payload);
    if (!service) return tl::unexpected(service.error());
    if (*service && wanted(**service)) services.push_back(std::move(**service));
    return {};
  });
  if (!dumped) return tl::unexpected(dumped.error());
  sort_by_key(services);
  return services;
}

Result<std::vector<ObservedDestination>> Ipvs::dump_destinations(const ServiceKey& service) {
  std::vector<ObservedDestination> destinations;
  const auto dumped =
      dump([&](std::uint16_t family_id,
               Batch& batch) { encode_dump_destinations(service, family_id, batch); },
           [&](const Message& message) -> Result<void> {
             auto destination = decode_destination(message.payload, service.family());
             if (!destination) return fail_at(to_string(service), destination.error());
             destinations.push_back(*destination);
             return {};
           });
  if (!dumped) return tl::unexpected(dumped.error());
  sort_by_key(destinations);
  return destinations;
}

Result<std::vector<SyncDaemon>> Ipvs::dump_daemons() {
  std::vector<SyncDaemon> daemons;
  const auto dumped = dump(encode_dump_daemons, [&](const Message& message) -> Result<void> {
    auto daemon = decode_daemon(message.payload);
    if (!daemon) return tl::unexpected(daemon.error());
    daemons.push_back(std::move(*daemon));
    return {};
  });
  if (!dumped) return tl::unexpected(dumped.error());
  std::sort(daemons.begin(), daemons.end());
  return daemons;
}

void Ipvs::apply(std::span<const Operation> operations, std::size_t base, ApplyReport& report) {
  if (auto loaded = load(); !loaded) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      report.failures.push_back({base + i, EOPNOTSUPP, loaded.error()});
    }
    return;
  }
  while (!operations.empty()) {
    const std::size_t sent = send_some(operations, base, report);
    operations = operations.subspan(sent);
    base += sent;
  }
}

std::size_t Ipvs::send_some(std::span<const Operation> operations, std::size_t base,
                            ApplyReport& report) {
  batch_.clear();
  const std::size_t most = std::min(operations.size(), socket_->max_messages());
  std::size_t count = 0;
  while (count < most && batch_.size() + Socket::kLargestRequest <= Socket::kBatchBytes) {
    encode_ipvs(operations[count], family_id_, batch_);
    ++count;
  }
  const auto outcome = socket_->send(batch_);
  report.in_doubt = report.in_doubt || outcome.in_doubt;
  for (std::size_t i = 0; outcome.send_error != 0 && i < count; ++i) {
    report.failures.push_back(
        {base + i, outcome.send_error, explain_errno(operations[i], outcome.send_error)});
  }
  for (const auto& [position, answer] : outcome.refusals) {
    report.failures.push_back(
        {base + position, answer.error_number,
         explain_errno(operations[position], answer.error_number, answer.text)});
  }
  return count;
}

}  // namespace lvs::netlink
