// Who sent the frames of a service's connections: what this machine's interfaces see of requests
// and answers. Linux only (AF_PACKET); Ethernet only.
//
// Threads: a thread of its own reads; take() ends it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"
#include "cli/probe_report.h"

namespace lvs::cli {

using Mac = std::array<std::uint8_t, 6>;
[[nodiscard]] std::string to_string(const Mac& mac);

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};

struct FrameCounts {
  std::map<Mac, std::size_t> asked;     // requests went to this hardware
  std::map<Mac, std::size_t> answered;  // answers came from this hardware

  bool operator==(const FrameCounts&) const = default;
};

// One Ethernet frame of TCP to or from the service; anything else is passed over. Pure.
void count_frame(std::span<const std::uint8_t> frame, const Endpoint& service, FrameCounts& counts);

// `names`: what is known of the hardware, such as its address on this segment. Holds: answers came,
// and none from the hardware that was asked, so that none passed the director.
[[nodiscard]] Verdict judge_dsr(const FrameCounts& counts, const std::map<Mac, std::string>& names,
                                bool colour);

class FrameCapture {
 public:
  // kPermissionDenied without CAP_NET_RAW.
  static Result<std::unique_ptr<FrameCapture>> start(const Endpoint& service);
  ~FrameCapture();
  FrameCapture(const FrameCapture&) = delete;
  FrameCapture& operator=(const FrameCapture&) = delete;

  [[nodiscard]] FrameCounts take();

 private:
  class Impl;
  explicit FrameCapture(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The IPv4 neighbours that this machine knows (/proc/net/arp).
[[nodiscard]] std::map<Mac, std::string> known_neighbours();

}  // namespace lvs::cli
