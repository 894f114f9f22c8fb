// The words that the resources and the kernel share: protocol, forwarding method, scheduler.
// One table each; a word that is not in its table is refused, never mapped to another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lvs {

enum class Protocol : std::uint8_t { kTcp = 6, kUdp = 17, kSctp = 132 };  // IANA numbers

enum class ForwardingMethod : std::uint8_t { kDirectRouting, kTunnel, kMasquerade };

// What becomes of a server that fails its health check.
enum class OnFailure : std::uint8_t {
  kQuiesce,  // no new connections; those under way go on
  kRemove,   // it leaves the kernel's table at once, and its connections end
};

[[nodiscard]] std::string_view to_string(Protocol protocol);        // "TCP"
[[nodiscard]] std::string_view to_string(ForwardingMethod method);  // "DirectRouting"
[[nodiscard]] std::string_view to_string(OnFailure on_failure);     // "Quiesce"
[[nodiscard]] std::optional<Protocol> parse_protocol(std::string_view text);
[[nodiscard]] std::optional<ForwardingMethod> parse_forwarding(std::string_view text);
[[nodiscard]] std::optional<OnFailure> parse_on_failure(std::string_view text);

// Bits of a virtual service's flags (include/uapi/linux/ip_vs.h, unchanged since 3.10). The three
// SCHED bits mean what the scheduler says they mean; mh and sh use the first two.
inline constexpr std::uint32_t kFlagPersistent = 0x0001;
inline constexpr std::uint32_t kFlagHashed = 0x0002;  // set by the kernel itself in every dump
inline constexpr std::uint32_t kFlagOnePacket = 0x0004;
inline constexpr std::uint32_t kFlagSched1 = 0x0008;
inline constexpr std::uint32_t kFlagSched2 = 0x0010;
inline constexpr std::uint32_t kFlagSched3 = 0x0020;

// A flag as the resources write it.
struct SchedulerFlag {
  std::string_view name;       // "mh-port"
  std::string_view scheduler;  // the one that has it; empty: every scheduler
  std::uint32_t bit;
};

// Every scheduler of the kernel, in the order in which messages list them.
[[nodiscard]] std::span<const std::string_view> scheduler_names();
[[nodiscard]] std::span<const SchedulerFlag> scheduler_flags();
[[nodiscard]] bool is_scheduler(std::string_view name);

}  // namespace lvs
