#include "agent/kernel/netlink_socket.h"

#include <cerrno>
#include <system_error>

#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

// A failed request costs up to this much of the receive buffer (the answer's skb, whole).
constexpr std::size_t kAnswerCost = 1024;
// The smallest request (68 bytes: DEL_SERVICE, IPv4) fits 1,928 times into a batch.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;
constexpr int kSendBuffer = 512 * 1024;
// The largest datagram of a dump is 32 KiB (netlink_dump); more per call saves calls.
constexpr std::size_t kDatagramBytes = std::size_t{64} * 1024;
constexpr timeval kAnswerPatience{5, 0};

std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

tl::unexpected<Error> system_failure(const std::string& what, int error_number) {
  std::string advice;
  if (error_number == EPERM)
    advice = "; the agent needs CAP_NET_ADMIN in the initial user namespace";
  return fail(code_of_errno(error_number), what + ": " + errno_text(error_number) + advice);
}

// The errno that ends a dump, 0 for its plain end.
int end_of_dump(const Message& message) {
  if (const auto answer = decode_answer(message)) return answer->error_number;
  Bytes rest = message.payload;
  const int error = take_header<int>(rest).value_or(0);
  return error < 0 && error >= -4095 ? -error : 0;
}

void set_option(int descriptor, int level, int name, int value) {
  setsockopt(descriptor, level, name, &value, sizeof(value));
}

// Beyond net.core.?mem_max by force where we may, up to it where we may not.
void grow_buffer(int descriptor, int force, int polite, int bytes) {
  if (setsockopt(descriptor, SOL_SOCKET, force, &bytes, sizeof(bytes)) != 0) {
    set_option(descriptor, SOL_SOCKET, polite, bytes);
  }
}

}  // namespace

void Socket::Close::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Result<Socket> Socket::connect(int protocol) {
  Socket connected(nl_socket_alloc());
  if (connected.socket_ == nullptr) return system_failure("netlink socket", ENOMEM);
  if (const int error = nl_connect(connected.socket_.get(), protocol); error < 0) {
    return fail(ErrorCode::kUnavailable, std::string("netlink socket: ") + nl_geterror(error));
  }
  if (auto tuned = connected.tune(); !tuned) return tl::unexpected(tuned.error());
  return connected;
}

Result<void> Socket::tune() {
  descriptor_ = nl_socket_get_fd(socket_.get());
  grow_buffer(descriptor_, SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
  grow_buffer(descriptor_, SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);
  set_option(descriptor_, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  set_option(descriptor_, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  // Never wait for ever for an answer that was lost.
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kAnswerPatience, sizeof(kAnswerPatience));
  int granted = 0;
  socklen_t size = sizeof(granted);
  if (getsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &granted, &size) != 0) {
    return system_failure("netlink socket", errno);
  }
  max_messages_ = std::max<std::size_t>(1, static_cast<std::size_t>(granted) / kAnswerCost);
  buffer_.resize(kDatagramBytes);
  return {};
}

Result<std::uint16_t> Socket::resolve_family(const char* name) {
  const int number = genl_ctrl_resolve(socket_.get(), name);
  if (number == -NLE_OBJ_NOTFOUND) {
    return fail(ErrorCode::kNotFound,
                std::string("generic netlink family ") + name + " is not there");
  }
  if (number < 0) {
    return fail(ErrorCode::kUnavailable,
                std::string("generic netlink family ") + name + ": " + nl_geterror(number));
  }
  return static_cast<std::uint16_t>(number);
}

int Socket::send_bytes(Bytes bytes) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  while (true) {
    const auto sent = sendto(descriptor_, bytes.data(), bytes.size(), 0,
                             reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
    if (sent >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

Socket::Received Socket::receive(int flags, Bytes& datagram) {
  while (true) {
    sockaddr_nl from{};
    socklen_t size = sizeof(from);
    const auto got = recvfrom(descriptor_, buffer_.data(), buffer_.size(), flags | MSG_TRUNC,
                              reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == ENOBUFS ? Received::kOverflow : Received::kNothing;
    if (from.nl_pid != 0) continue;  // not the kernel
    if (static_cast<std::size_t>(got) > buffer_.size()) return Received::kOverflow;
    datagram = Bytes(buffer_).first(static_cast<std::size_t>(got));
    return Received::kData;
  }
}

BatchOutcome Socket::send(Batch& batch) {
  BatchOutcome outcome;
  if (batch.message_count() == 0) return outcome;
  const std::uint32_t first = next_sequence_;
  next_sequence_ += static_cast<std::uint32_t>(batch.message_count());
  batch.number_messages(first, NLM_F_ACK);
  outcome.send_error = send_bytes(batch.bytes());
  if (outcome.send_error == 0) collect_answers(first, batch.message_count(), outcome);
  return outcome;
}

// Every answer is queued when the send returns; the answer to the last request ends the batch.
// After an overflow that one may be lost too: then the empty queue is the end.
void Socket::collect_answers(std::uint32_t first, std::size_t count, BatchOutcome& outcome) {
  Bytes datagram;
  while (true) {
    const auto received = receive(outcome.in_doubt ? MSG_DONTWAIT : 0, datagram);
    if (received == Received::kOverflow) {
      outcome.in_doubt = true;
      continue;
    }
    if (received == Received::kNothing) {
      outcome.in_doubt = true;
      return;
    }
    while (const auto message = take_message(datagram)) {
      const auto answer = decode_answer(*message);
      const std::uint32_t position = message->sequence - first;  // wraps for older answers
      if (!answer || position >= count) continue;
      if (answer->error_number != 0) outcome.refusals.push_back({position, *answer});
      if (position + 1 == count) return;
    }
  }
}

// Errors come first, and in the order of the messages; kernels before 6.10 never answer the message
// that commits, so the acknowledgement asked for is the one of the message before it.
Answer Socket::commit(Batch& transaction) {
  const std::uint32_t first = next_sequence_;
  next_sequence_ += static_cast<std::uint32_t>(transaction.message_count());
  transaction.number_messages(first, NLM_F_ACK, 1);
  if (const int error = send_bytes(transaction.bytes()); error != 0) return {error, {}};
  Bytes datagram;
  while (receive(0, datagram) == Received::kData) {
    while (const auto message = take_message(datagram)) {
      const auto answer = decode_answer(*message);
      if (answer && message->sequence - first < transaction.message_count()) return *answer;
    }
  }
  return {EIO, {}};
}

Result<Socket::End> Socket::converse(Batch& request, std::uint16_t ask_for,
                                     const OnMessage& on_message) {
  const std::uint32_t sequence = next_sequence_++;
  request.number_messages(sequence, ask_for);
  if (const int error = send_bytes(request.bytes()); error != 0) {
    return system_failure("netlink request", error);
  }
  End end;
  Bytes datagram;
  while (true) {
    if (receive(0, datagram) != Received::kData) {
      return fail(ErrorCode::kUnavailable,
                  "netlink request: the answer was lost; it is asked for again");
    }
    while (const auto message = take_message(datagram)) {
      if (message->sequence != sequence) continue;
      end.interrupted = end.interrupted || (message->flags & NLM_F_DUMP_INTR) != 0;
      if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
        end.error_number = end_of_dump(*message);
        return end;
      }
      if (auto taken = on_message(*message); !taken) return tl::unexpected(taken.error());
    }
  }
}

Result<bool> Socket::dump(Batch& request, const OnMessage& on_message) {
  const auto end = converse(request, 0, on_message);
  if (!end) return tl::unexpected(end.error());
  if (end->error_number != 0) return system_failure("netlink dump", end->error_number);
  return end->interrupted;
}

Result<int> Socket::ask(Batch& request, const OnMessage& on_message) {
  const auto end = converse(request, NLM_F_ACK, on_message);
  if (!end) return tl::unexpected(end.error());
  return end->error_number;
}

}  // namespace lvs::netlink
