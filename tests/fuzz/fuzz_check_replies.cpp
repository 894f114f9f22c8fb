// Any bytes as what a checked server answers: to a DNS question, to EHLO, to an echo request.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "agent/health/dns_message.h"
#include "agent/health/echo_message.h"
#include "agent/health/smtp_reply.h"

namespace lvs {
namespace {

void hold(bool held) {
  if (!held) std::abort();
}

void read_dns(std::span<const std::uint8_t> bytes) {
  const DnsQuestion asked{0x0102, "shop.example", "A"};
  const auto answer = decode_dns(bytes, asked);
  if (answer) hold(answer->addresses.size() <= bytes.size() / 4);
}

void read_smtp(std::string_view text) {
  SmtpReply reply;
  for (int lines = 0; !text.empty(); ++lines) {
    hold(lines <= SmtpReply::kMostLines);
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (reply.add(text.substr(0, end)) != SmtpReply::Progress::kMore) return;
    text.remove_prefix(end);
  }
}

}  // namespace
}  // namespace lvs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  lvs::read_dns(bytes);
  lvs::read_smtp({reinterpret_cast<const char*>(data), size});
  static_cast<void>(lvs::is_echo_reply(bytes, lvs::Family::kV4, 7));
  static_cast<void>(lvs::is_echo_reply(bytes, lvs::Family::kV6, 7));
  return 0;
}
