// Any bytes as a datagram of a netlink dump: values or errors, never a crash. What is read as a
// service or destination and written again must read the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "agent/kernel/netlink_ipvs_codec.h"
#include "agent/kernel/netlink_route_codec.h"

namespace lvs::netlink {
namespace {

constexpr std::uint16_t kFamily = 0x21;

Bytes first_payload(const Batch& batch) {
  Bytes rest = batch.bytes();
  return take_message(rest).value().payload;
}

void check(bool held) {
  if (!held) std::abort();
}

void check_service(Bytes payload) {
  const auto service = decode_service(payload);
  if (!service || !*service) return;
  Batch batch;
  encode_ipvs(NewService{(*service)->key, (*service)->config}, kFamily, batch);
  const auto again = decode_service(first_payload(batch));
  check(again && *again && (*again)->key == (*service)->key);
  // A foreign service may be persistent without a time, or with a prefix of 0; ours never are.
  if ((*service)->config.persistence_seconds > 0 && (*service)->config.persistence_prefix > 0) {
    check((*again)->config.persistence_prefix == (*service)->config.persistence_prefix);
  }
}

void check_destination(Bytes payload, Family family) {
  const auto destination = decode_destination(payload, family);
  if (!destination) return;
  const ServiceKey service{IpAddress(family, {}), Protocol::kTcp, 0, 1};
  Batch batch;
  encode_ipvs(NewDestination{service, destination->key, destination->config}, kFamily, batch);
  const auto again = decode_destination(first_payload(batch), family);
  check(again && again->key == destination->key && again->config == destination->config);
}

void check_daemon(Bytes payload) {
  const auto daemon = decode_daemon(payload);
  if (!daemon) return;
  Batch batch;
  encode_ipvs(StartSyncDaemon{*daemon}, kFamily, batch);
  check(decode_daemon(first_payload(batch)).value() == *daemon);
}

}  // namespace

void read_datagram(Bytes rest) {
  static const LinkNames kNames{{1, "lo"}, {2, "eth0"}};
  while (const auto message = take_message(rest)) {
    (void)decode_answer(*message);
    (void)decode_link(message->payload);
    (void)route_is_direct(message->payload);
    (void)decode_address(message->payload, kNames);
    check_service(message->payload);
    check_daemon(message->payload);
    check_destination(message->payload, Family::kV4);
    check_destination(message->payload, Family::kV6);
  }
}

}  // namespace lvs::netlink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lvs::netlink::read_datagram({data, size});
  return 0;
}
