#include "api/terms.h"

#include <algorithm>
#include <array>

namespace lvs {
namespace {

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr std::array kProtocols{Word<Protocol>{"TCP", Protocol::kTcp},
                                Word<Protocol>{"UDP", Protocol::kUdp},
                                Word<Protocol>{"SCTP", Protocol::kSctp}};

constexpr std::array kForwarding{
    Word<ForwardingMethod>{"DirectRouting", ForwardingMethod::kDirectRouting},
    Word<ForwardingMethod>{"Tunnel", ForwardingMethod::kTunnel},
    Word<ForwardingMethod>{"Masquerade", ForwardingMethod::kMasquerade}};

constexpr std::array kOnFailure{Word<OnFailure>{"Quiesce", OnFailure::kQuiesce},
                                Word<OnFailure>{"Remove", OnFailure::kRemove}};

constexpr std::array<std::string_view, 13> kSchedulers{
    "rr", "wrr", "lc", "wlc", "sh", "dh", "sed", "nq", "lblc", "lblcr", "fo", "ovf", "mh"};

// ip_vs_sh.c: SH_FALLBACK = SCHED1, SH_PORT = SCHED2; ip_vs_mh.c (since 4.18) the same order.
constexpr std::array kFlags{
    SchedulerFlag{"mh-fallback", "mh", kFlagSched1}, SchedulerFlag{"mh-port", "mh", kFlagSched2},
    SchedulerFlag{"sh-fallback", "sh", kFlagSched1}, SchedulerFlag{"sh-port", "sh", kFlagSched2},
    SchedulerFlag{"ops", "", kFlagOnePacket}};

template <typename Value, std::size_t N>
std::string_view text_of(const std::array<Word<Value>, N>& words, Value value) {
  const auto* word =
      std::find_if(words.begin(), words.end(), [value](const auto& w) { return w.value == value; });
  return word == words.end() ? std::string_view("?") : word->text;
}

template <typename Value, std::size_t N>
std::optional<Value> value_of(const std::array<Word<Value>, N>& words, std::string_view text) {
  const auto* word =
      std::find_if(words.begin(), words.end(), [text](const auto& w) { return w.text == text; });
  if (word == words.end()) return std::nullopt;
  return word->value;
}

}  // namespace

std::string_view to_string(Protocol protocol) { return text_of(kProtocols, protocol); }
std::string_view to_string(ForwardingMethod method) { return text_of(kForwarding, method); }
std::string_view to_string(OnFailure on_failure) { return text_of(kOnFailure, on_failure); }
std::optional<Protocol> parse_protocol(std::string_view text) { return value_of(kProtocols, text); }
std::optional<ForwardingMethod> parse_forwarding(std::string_view text) {
  return value_of(kForwarding, text);
}
std::optional<OnFailure> parse_on_failure(std::string_view text) {
  return value_of(kOnFailure, text);
}

std::span<const std::string_view> scheduler_names() { return kSchedulers; }
std::span<const SchedulerFlag> scheduler_flags() { return kFlags; }

bool is_scheduler(std::string_view name) {
  return std::find(kSchedulers.begin(), kSchedulers.end(), name) != kSchedulers.end();
}

}  // namespace lvs
