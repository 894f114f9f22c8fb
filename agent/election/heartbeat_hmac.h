// One key of the heartbeats: HMAC-SHA-256 by OpenSSL. The secret never leaves it.
//
// Threads: one at a time for each key.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace lvs {

using HeartbeatMac = std::array<std::uint8_t, 32>;

class HeartbeatKey {
 public:
  // kUnsupported: this OpenSSL has no HMAC-SHA-256.
  static Result<HeartbeatKey> make(std::uint32_t id, std::span<const std::uint8_t> secret);
  ~HeartbeatKey();
  HeartbeatKey(HeartbeatKey&& other) noexcept;
  HeartbeatKey& operator=(HeartbeatKey&& other) noexcept;

  [[nodiscard]] std::uint32_t id() const { return id_; }
  // False: out of memory.
  [[nodiscard]] bool sign(std::span<const std::uint8_t> text, HeartbeatMac& mac);
  // In a time that does not depend on where they differ.
  [[nodiscard]] bool verify(std::span<const std::uint8_t> text,
                            std::span<const std::uint8_t, 32> mac);

 private:
  struct Context;
  HeartbeatKey(std::uint32_t id, std::unique_ptr<Context> context);

  std::uint32_t id_;
  std::unique_ptr<Context> context_;
};

}  // namespace lvs
