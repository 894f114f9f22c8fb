#include "core/health/in_path.h"

#include "core/ipvs.h"

namespace lvs {
namespace {

std::string hint_of(ProbeFailure failure) {
  switch (failure) {
    case ProbeFailure::kSilent:
      return " it answers: is the VIP on the server's lo?";
    case ProbeFailure::kRefused:
      return " it answers: it listens there only, not on the VIP";
    case ProbeFailure::kOther:
      break;
  }
  return " it answers as wanted";
}

}  // namespace

std::string explain_in_path(const CheckedServer& server, const ProbeResult& through,
                            const std::optional<ProbeResult>& own) {
  const auto at = [&](const IpAddress& address) {
    return to_string(DestinationKey{address, server.port});
  };
  std::string text = "through " + at(asked_address(server)) + ": " + through.why;
  if (!own) return text;
  if (own->healthy) {
    return text + "; on its own address " + at(server.address) + hint_of(through.failure);
  }
  text += "; also on its own address " + at(server.address);
  return own->why == through.why ? text : text + ": " + own->why;
}

}  // namespace lvs
