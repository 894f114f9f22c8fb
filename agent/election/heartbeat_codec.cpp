#include "agent/election/heartbeat_codec.h"

#include <algorithm>
#include <map>
#include <string>

#include "agent/election/byte_reader.h"
#include "agent/election/byte_writer.h"

namespace lvs {
namespace {

constexpr std::uint8_t kWarm = 0x01;
constexpr std::uint8_t kAvailable = 0x02;

constexpr std::uint8_t kIsV6 = 0x80;

constexpr std::uint8_t kClaimMask = 0x07;
constexpr std::uint8_t kFit = 0x08;
constexpr std::uint8_t kWants = 0x10;
constexpr std::uint8_t kOffered = 0x20;

// Longer than any heartbeat is waited for.
constexpr std::uint64_t kLongestHeld = 0xffff'ffff;

std::size_t shared_bytes(const IpAddress& a, const IpAddress& b) {
  if (a.family() != b.family()) return 0;
  std::size_t count = 0;
  while (count < a.byte_count() && a.bytes()[count] == b.bytes()[count]) ++count;
  return count;
}

class NameTable {
 public:
  void add(const std::string& name) {
    if (!name.empty() && indexes_.emplace(name, names_.size()).second) names_.push_back(name);
  }
  [[nodiscard]] std::uint8_t at(const std::string& name) const {
    return static_cast<std::uint8_t>(indexes_.at(name));
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, std::size_t> indexes_;
  std::vector<std::string> names_;
};

NameTable names_of(const Heartbeat& heartbeat) {
  NameTable table;
  table.add(heartbeat.node);
  for (const VipClaim& claim : heartbeat.vips) table.add(claim.offer_to);
  for (const HeartbeatEcho& echo : heartbeat.echoes) table.add(echo.node);
  return table;
}

Result<void> check(const Heartbeat& heartbeat, const NameTable& table) {
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kInvalidArgument, "heartbeat of " + heartbeat.node + ": " + what);
  };
  const bool unnamed_echo = std::any_of(heartbeat.echoes.begin(), heartbeat.echoes.end(),
                                        [](const auto& echo) { return echo.node.empty(); });
  if (heartbeat.node.empty() || unnamed_echo) return refuse("a node has no name");
  for (const std::string& name : table.names()) {
    if (name.size() > kMaxHeartbeatName) return refuse("node name longer than 253 bytes: " + name);
  }
  for (const std::size_t count : {table.names().size(), heartbeat.hardware.size(),
                                  heartbeat.vips.size(), heartbeat.echoes.size()}) {
    if (count > kMaxHeartbeatList) return refuse("a list of more than 255 entries");
  }
  return {};
}

void put_names(HeartbeatBody& body, const NameTable& table) {
  put_number(body, table.names().size(), 1);
  for (const std::string& name : table.names()) {
    put_number(body, name.size(), 1);
    body.insert(body.end(), name.begin(), name.end());
  }
}

void put_vip(HeartbeatBody& body, const VipClaim& claim, const IpAddress& before,
             const NameTable& table) {
  const bool v6 = claim.vip.family() == Family::kV6;
  const std::size_t shared = shared_bytes(claim.vip, before);
  put_number(body, (v6 ? kIsV6 : 0U) | shared, 1);
  for (std::size_t i = shared; i < claim.vip.byte_count(); ++i) {
    body.push_back(claim.vip.bytes()[i]);
  }
  put_number(body,
             static_cast<unsigned>(claim.claim) | (claim.fit ? kFit : 0U) |
                 (claim.wants ? kWants : 0U) | (claim.offer_to.empty() ? 0U : kOffered),
             1);
  put_varint(body, claim.term);
  if (claim.offer_to.empty()) return;
  body.push_back(table.at(claim.offer_to));
  body.push_back(static_cast<std::uint8_t>(claim.offer_reason));
}

using Names = std::vector<std::string>;

Names read_names(ByteReader& in) {
  Names names(in.u8());
  for (std::string& name : names) {
    const auto bytes = in.bytes(in.u8());
    name.assign(bytes.begin(), bytes.end());
  }
  return names;
}

// Nothing: there is no such name, or it is none.
const std::string* name_at(const Names& names, std::size_t index) {
  if (index >= names.size() || names[index].empty()) return nullptr;
  return names[index].size() > kMaxHeartbeatName ? nullptr : &names[index];
}

bool read_vip(ByteReader& in, const Names& names, const IpAddress& before, VipClaim& claim) {
  const std::uint8_t shape = in.u8();
  const Family family = (shape & kIsV6) != 0 ? Family::kV6 : Family::kV4;
  const std::size_t size = IpAddress(family, {}).byte_count();
  const std::size_t shared = shape & ~kIsV6;
  if (shared > size || (shared > 0 && before.family() != family)) return false;
  IpAddress::Bytes bytes{};
  std::copy_n(before.bytes().begin(), shared, bytes.begin());
  in.fill(std::span(bytes).subspan(shared, size - shared));
  claim.vip = IpAddress(family, bytes);

  const std::uint8_t flags = in.u8();
  if ((flags & kClaimMask) > static_cast<std::uint8_t>(Claim::kHolder)) return false;
  if (flags > (kOffered | kWants | kFit | kClaimMask)) return false;
  claim.claim = static_cast<Claim>(flags & kClaimMask);
  claim.fit = (flags & kFit) != 0;
  claim.wants = (flags & kWants) != 0;
  claim.term = in.varint();
  if ((flags & kOffered) == 0) return in.ok();
  const std::string* name = name_at(names, in.u8());
  const std::uint8_t reason = in.u8();
  if (name == nullptr || reason > static_cast<std::uint8_t>(kLastMoveReason)) return false;
  claim.offer_to = *name;
  claim.offer_reason = static_cast<MoveReason>(reason);
  return in.ok();
}

bool read_vips(ByteReader& in, const Names& names, std::vector<VipClaim>& claims) {
  claims.resize(in.u8());
  IpAddress before;
  for (VipClaim& claim : claims) {
    if (!read_vip(in, names, before, claim)) return false;
    before = claim.vip;
  }
  return in.ok();
}

bool read_echoes(ByteReader& in, const Names& names, std::vector<HeartbeatEcho>& echoes) {
  echoes.resize(in.u8());
  for (HeartbeatEcho& echo : echoes) {
    const std::string* name = name_at(names, in.u8());
    if (name == nullptr) return false;
    echo.node = *name;
    echo.boot = in.u64();
    echo.sequence = in.varint();
    echo.held = Duration(std::min(in.varint(), kLongestHeld));
  }
  return in.ok();
}

bool read_heartbeat(ByteReader& in, Heartbeat& heartbeat) {
  const std::uint8_t flags = in.u8();
  if (flags > (kWarm | kAvailable)) return false;
  heartbeat.warm = (flags & kWarm) != 0;
  heartbeat.available = (flags & kAvailable) != 0;
  const Names names = read_names(in);
  const std::string* sender = name_at(names, 0);
  if (sender == nullptr) return false;
  heartbeat.node = *sender;
  heartbeat.hardware.resize(in.u8());
  for (HardwareAddress& address : heartbeat.hardware) in.fill(std::span(address));
  return read_vips(in, names, heartbeat.vips) && read_echoes(in, names, heartbeat.echoes) &&
         in.finished();
}

}  // namespace

Result<HeartbeatBody> encode_heartbeat(const Heartbeat& heartbeat) {
  const NameTable table = names_of(heartbeat);
  if (auto fits = check(heartbeat, table); !fits) return tl::unexpected(fits.error());
  HeartbeatBody body;
  put_number(body, (heartbeat.warm ? kWarm : 0U) | (heartbeat.available ? kAvailable : 0U), 1);
  put_names(body, table);
  put_number(body, heartbeat.hardware.size(), 1);
  for (const auto& address : heartbeat.hardware) {
    body.insert(body.end(), address.begin(), address.end());
  }
  put_number(body, heartbeat.vips.size(), 1);
  IpAddress before;
  for (const VipClaim& claim : heartbeat.vips) {
    put_vip(body, claim, before, table);
    before = claim.vip;
  }
  put_number(body, heartbeat.echoes.size(), 1);
  for (const HeartbeatEcho& echo : heartbeat.echoes) {
    put_number(body, table.at(echo.node), 1);
    put_number(body, echo.boot, 8);
    put_varint(body, echo.sequence);
    put_varint(body, static_cast<std::uint64_t>(std::max<Duration::rep>(echo.held.count(), 0)));
  }
  return body;
}

Result<Heartbeat> decode_heartbeat(std::span<const std::uint8_t> body) {
  ByteReader in(body);
  Heartbeat heartbeat;
  if (!read_heartbeat(in, heartbeat)) {
    return fail(ErrorCode::kCorrupt,
                "heartbeat of " + std::to_string(body.size()) + " bytes: malformed");
  }
  return heartbeat;
}

}  // namespace lvs
