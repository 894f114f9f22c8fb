#include "agent/kernel/netlink_refusals.h"

#include <cerrno>
#include <system_error>

#include <linux/netlink.h>

#include "agent/kernel/netlink_nftables.h"
#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

constexpr const char* kAdvice =
    "; run \"modprobe nf_tables\" on the host, or else connections are refused for a moment "
    "whenever a scheduler is changed";

tl::unexpected<Error> failure(int error_number, const std::string& kernel_text) {
  std::string message = std::string("nftables table ") + kRefusalsTable + ": " +
                        std::generic_category().message(error_number);
  if (!kernel_text.empty()) message += " (kernel: " + kernel_text + ")";
  const bool forbidden = error_number == EPERM;
  return fail(code_of_errno(error_number),
              message + (forbidden ? "; the agent needs CAP_NET_ADMIN" : kAdvice));
}

}  // namespace

Result<void> Refusals::commit() {
  if (!socket_) {
    auto socket = Socket::connect(NETLINK_NETFILTER);
    if (!socket) return fail(ErrorCode::kUnsupported, socket.error().message + kAdvice);
    socket_ = std::move(*socket);
  }
  const Answer answer = socket_->commit(batch_);
  if (answer.error_number == 0) return {};
  if (answer.error_number == EIO) socket_.reset();
  return failure(answer.error_number, answer.text);
}

Result<void> Refusals::mute(std::span<const ServiceKey> services, Duration at_most) {
  batch_.clear();
  encode_mute(services, at_most, batch_);
  return commit();
}

Result<void> Refusals::unmute() {
  batch_.clear();
  encode_unmute(batch_);
  auto removed = commit();
  if (!removed && removed.error().code == ErrorCode::kNotFound) return {};
  return removed;
}

}  // namespace lvs::netlink
