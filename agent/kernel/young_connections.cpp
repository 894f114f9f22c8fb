#include "agent/kernel/young_connections.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <linux/ip_vs.h>
#include <netinet/in.h>

namespace lvs {
namespace {

// Pro FromIP FPrt ToIP TPrt DestIP DPrt State Origin Expires
constexpr std::size_t kColumns = 10;
using Columns = std::array<std::string_view, kColumns>;

// IP_VS_TCP_S_* of include/net/ip_vs.h, which is not for user space.
constexpr std::uint16_t kEstablished = 1;
constexpr std::uint16_t kSynReceived = 3;

bool split_columns(std::string_view line, Columns& columns) {
  std::size_t at = 0;
  for (std::string_view& column : columns) {
    at = line.find_first_not_of(" \n", at);
    if (at == std::string_view::npos) return false;
    const std::size_t end = std::min(line.find_first_of(" \n", at), line.size());
    column = line.substr(at, end - at);
    at = end;
  }
  return true;
}

template <typename Number>
bool column_number(std::string_view text, int base, Number& number) {
  const auto done = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return done.ec == std::errc() && done.ptr == text.data() + text.size();
}

// IPv4 as eight digits, IPv6 with all its zeros.
bool column_ip(std::string_view text, IpAddress& address) {
  if (text.find(':') != std::string_view::npos) {
    const auto parsed = IpAddress::parse(text);
    if (parsed) address = *parsed;
    return parsed.has_value();
  }
  std::uint32_t number = 0;
  if (text.size() != 8 || !column_number(text, 16, number)) return false;
  address = {Family::kV4,
             {static_cast<std::uint8_t>(number >> 24U), static_cast<std::uint8_t>(number >> 16U),
              static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
  return true;
}

void put_number(std::uint32_t number, std::size_t bytes, SyncDatagram& to) {
  for (std::size_t left = bytes; left > 0; --left) {
    to.push_back(static_cast<std::uint8_t>(number >> (8U * (left - 1))));
  }
}

void put_ip(const IpAddress& address, SyncDatagram& to) {
  const auto begin = address.bytes().begin();
  to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(address.byte_count()));
}

std::size_t size_of(const BalancedConnection& connection) {
  constexpr std::size_t kBeforeAddresses = 24;
  return kBeforeAddresses + 3 * connection.vip.byte_count();
}

// struct ip_vs_sync_v4 and ip_vs_sync_v6. How it is forwarded the receiver takes from its own table.
void put_connection(const BalancedConnection& connection, SyncDatagram& to) {
  const std::uint32_t inactive = connection.half_open ? IP_VS_CONN_F_INACTIVE : 0;
  to.push_back(connection.vip.family() == Family::kV6 ? 1 : 0);
  to.push_back(IPPROTO_TCP);
  put_number(static_cast<std::uint32_t>(size_of(connection)), 2, to);
  put_number(IP_VS_CONN_F_DROUTE | inactive, 4, to);
  put_number(connection.half_open ? kSynReceived : kEstablished, 2, to);
  put_number(connection.client_port, 2, to);
  put_number(connection.vip_port, 2, to);
  put_number(connection.server_port, 2, to);
  put_number(0, 4, to);  // no firewall mark
  put_number(0, 4, to);  // the receiver's own timeout of that state
  put_ip(connection.client, to);
  put_ip(connection.vip, to);
  put_ip(connection.server, to);
}

}  // namespace

std::optional<BalancedConnection> read_connection(std::string_view line) {
  Columns columns;
  if (!split_columns(line, columns)) return std::nullopt;
  const auto& [protocol, client, client_port, vip, vip_port, server, server_port, state, origin,
               left] = columns;
  BalancedConnection connection;
  connection.half_open = state == "SYN_RECV";
  const bool told = connection.half_open || state == "ESTABLISHED";
  if (protocol != "TCP" || origin != "LOCAL" || !told) return std::nullopt;
  const bool good = column_ip(client, connection.client) && column_ip(vip, connection.vip) &&
                    column_ip(server, connection.server) &&
                    column_number(client_port, 16, connection.client_port) &&
                    column_number(vip_port, 16, connection.vip_port) &&
                    column_number(server_port, 16, connection.server_port) &&
                    column_number(left, 10, connection.seconds_left);
  // The kernel syncs no connection to a server of the other family.
  if (!good || connection.server.family() != connection.vip.family()) return std::nullopt;
  return connection;
}

void YoungConnections::add(const BalancedConnection& connection) {
  if (!connection.half_open) {
    longest_ = std::max(longest_, connection.seconds_left);
    if (connection.seconds_left + kYoungFor < longest_) return;
  }
  kept_.push_back(connection);
  if (kept_.size() < look_at_) return;
  forget_old();
  look_at_ = std::max(look_at_, 2 * kept_.size());
}

void YoungConnections::forget_old() {
  std::erase_if(kept_, [this](const BalancedConnection& each) {
    return !each.half_open && each.seconds_left + kYoungFor < longest_;
  });
}

std::vector<BalancedConnection> YoungConnections::take() {
  forget_old();
  return std::exchange(kept_, {});
}

std::vector<SyncDatagram> sync_datagrams(std::span<const BalancedConnection> connections,
                                         std::uint8_t sync_id) {
  constexpr std::size_t kLongest = 1400;
  constexpr std::size_t kSizeAt = 2;
  constexpr std::size_t kCountAt = 4;
  constexpr std::uint8_t kVersion = 1;
  std::vector<SyncDatagram> datagrams;
  for (const BalancedConnection& connection : connections) {
    if (datagrams.empty() || datagrams.back().size() + size_of(connection) > kLongest) {
      datagrams.push_back({0, sync_id, 0, 0, 0, kVersion, 0, 0});
    }
    SyncDatagram& datagram = datagrams.back();
    put_connection(connection, datagram);
    ++datagram[kCountAt];
    datagram[kSizeAt] = static_cast<std::uint8_t>(datagram.size() >> 8U);
    datagram[kSizeAt + 1] = static_cast<std::uint8_t>(datagram.size());
  }
  return datagrams;
}

}  // namespace lvs
