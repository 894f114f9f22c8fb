#include "core/ipvs.h"

namespace lvs {
namespace {

std::string with_port(const IpAddress& address, std::uint16_t port) {
  const std::string text = address.to_string();
  const bool brackets = address.family() == Family::kV6;
  return (brackets ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

}  // namespace

std::string to_string(const ServiceKey& key) {
  if (key.firewall_mark != 0) {
    return "FWM " + std::to_string(key.firewall_mark) +
           (key.family() == Family::kV4 ? " IPv4" : " IPv6");
  }
  return std::string(to_string(key.protocol)) + " " + with_port(key.address, key.port);
}

std::string to_string(const DestinationKey& key) { return with_port(key.address, key.port); }

}  // namespace lvs
