#include "agent/election/heartbeat_datagram.h"

#include <algorithm>
#include <array>

#include "agent/election/byte_reader.h"
#include "agent/election/byte_writer.h"

namespace lvs {
namespace {

constexpr std::array<std::uint8_t, 4> kVersion{'L', 'V', 'S', 1};
constexpr std::size_t kBootOffset = 8;
constexpr std::size_t kHeaderBytes = 26;
constexpr std::size_t kMacBytes = HeartbeatMac{}.size();
constexpr std::size_t kSliceBytes = kMaxDatagram - kHeaderBytes - kMacBytes;

Result<Datagram> seal_part(const HeartbeatPart& part, HeartbeatKey& key) {
  Datagram out(kVersion.begin(), kVersion.end());
  put_number(out, key.id(), 4);
  put_number(out, part.boot, 8);
  put_number(out, part.sequence, 8);
  put_number(out, part.part, 1);
  put_number(out, part.parts, 1);
  out.insert(out.end(), part.slice.begin(), part.slice.end());
  HeartbeatMac mac{};
  if (!key.sign(out, mac)) return fail(ErrorCode::kIo, "heartbeat: OpenSSL cannot sign it");
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

Result<Heartbeat> finish(std::span<const std::uint8_t> body, std::uint64_t boot,
                         std::uint64_t sequence) {
  auto heartbeat = decode_heartbeat(body);
  if (!heartbeat) return heartbeat;
  heartbeat->boot = boot;
  heartbeat->sequence = sequence;
  return heartbeat;
}

}  // namespace

Result<std::vector<Datagram>> seal_heartbeat(const Heartbeat& heartbeat, HeartbeatKey& key) {
  const auto body = encode_heartbeat(heartbeat);
  if (!body) return tl::unexpected(body.error());
  const std::size_t parts = (body->size() + kSliceBytes - 1) / kSliceBytes;
  if (parts > kMaxDatagramParts) {
    return fail(ErrorCode::kInvalidArgument,
                "heartbeat of " + heartbeat.node + ": " + std::to_string(body->size()) +
                    " bytes do not fit into four datagrams; put fewer VIPs in");
  }
  std::vector<Datagram> datagrams;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto rest = std::span(*body).subspan(part * kSliceBytes);
    const auto slice = rest.first(std::min(rest.size(), kSliceBytes));
    auto datagram = seal_part({heartbeat.boot,
                               heartbeat.sequence,
                               static_cast<std::uint8_t>(part),
                               static_cast<std::uint8_t>(parts),
                               {slice.begin(), slice.end()}},
                              key);
    if (!datagram) return tl::unexpected(datagram.error());
    datagrams.push_back(std::move(*datagram));
  }
  return datagrams;
}

tl::expected<HeartbeatPart, DatagramFault> open_datagram(std::span<const std::uint8_t> datagram,
                                                         HeartbeatKeyRing& keys) {
  const auto refuse = [](DatagramFault fault) { return tl::unexpected<DatagramFault>(fault); };
  if (datagram.size() <= kHeaderBytes + kMacBytes || datagram.size() > kMaxDatagram ||
      !std::equal(kVersion.begin(), kVersion.end(), datagram.begin())) {
    return refuse(DatagramFault::kMalformed);
  }
  const auto signed_part = datagram.first(datagram.size() - kMacBytes);
  ByteReader in(signed_part.subspan(kVersion.size()));
  HeartbeatKey* key = keys.find(in.u32());
  if (key == nullptr) return refuse(DatagramFault::kBadKey);
  if (!key->verify(signed_part, datagram.last<kMacBytes>())) return refuse(DatagramFault::kBadMac);
  HeartbeatPart part;
  part.boot = in.u64();
  part.sequence = in.u64();
  part.part = in.u8();
  part.parts = in.u8();
  if (part.parts > kMaxDatagramParts || part.part >= part.parts) {
    return refuse(DatagramFault::kMalformed);
  }
  const auto slice = signed_part.subspan(kHeaderBytes);
  part.slice.assign(slice.begin(), slice.end());
  return part;
}

std::uint64_t claimed_boot(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < kHeaderBytes) return 0;
  return ByteReader(datagram.subspan(kBootOffset)).u64();
}

std::optional<Result<Heartbeat>> HeartbeatAssembler::add(HeartbeatPart part) {
  if (part.parts == 1) return finish(part.slice, part.boot, part.sequence);
  if (!by_boot_.contains(part.boot)) make_room();
  Unfinished& unfinished = by_boot_[part.boot];
  unfinished.touched = ++touches_;
  if (part.sequence < unfinished.sequence) return std::nullopt;
  if (part.sequence > unfinished.sequence || unfinished.slices.size() != part.parts) {
    unfinished.sequence = part.sequence;
    unfinished.slices.assign(part.parts, {});
  }
  unfinished.slices[part.part] = std::move(part.slice);
  std::vector<std::uint8_t> body;
  for (const auto& slice : unfinished.slices) {
    if (slice.empty()) return std::nullopt;
    body.insert(body.end(), slice.begin(), slice.end());
  }
  by_boot_.erase(part.boot);
  return finish(body, part.boot, part.sequence);
}

void HeartbeatAssembler::make_room() {
  if (by_boot_.size() < kMaxBoots) return;
  const auto oldest = std::min_element(
      by_boot_.begin(), by_boot_.end(),
      [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; });
  by_boot_.erase(oldest);
}

}  // namespace lvs
