// A netlink socket for batched requests and large dumps.
//
// libnl connects and resolves; sending and receiving is our own, because libnl's default makes two
// system calls per message, asks for an acknowledgement of each, and loses the errno.
//
// Threads: one at a time. The socket belongs to the network namespace of the thread that connected.
// Errors: errno of each refused request; a request without an answer was carried out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "agent/kernel/netlink_message.h"
#include "base/result.h"

struct nl_sock;

namespace lvs::netlink {

struct Refusal {
  std::size_t position = 0;  // of the request in its batch
  Answer answer;
};

struct BatchOutcome {
  std::vector<Refusal> refusals;
  // errno of a send that failed as a whole: nothing of the batch was carried out.
  int send_error = 0;
  // Answers were lost: what was refused is not known.
  bool in_doubt = false;
};

class Socket {
 public:
  // NETLINK_GENERIC, NETLINK_ROUTE or NETLINK_NETFILTER.
  static Result<Socket> connect(int protocol);

  // The number of a generic netlink family; asking makes the kernel load its module where it can.
  // kNotFound: this kernel has none.
  Result<std::uint16_t> resolve_family(const char* name);

  // A batch may hold up to kBatchBytes and max_messages(): the kernel takes it whole, and has room
  // to answer each message.
  [[nodiscard]] std::size_t max_messages() const { return max_messages_; }
  static constexpr std::size_t kBatchBytes = std::size_t{128} * 1024;
  // The largest request (NEW_DEST or NEW_SERVICE, IPv6) stays below this.
  static constexpr std::size_t kLargestRequest = 256;
  // Sends everything in one system call; one acknowledgement, for the last. The kernel has carried
  // everything out when this returns.
  BatchOutcome send(Batch& batch);

  // Sends a netfilter transaction (its first message begins it, its last one commits): all or
  // nothing. error_number 0: committed. EIO: the answer was lost.
  Answer commit(Batch& transaction);

  // One dump request; `on_message` sees every message of the answer. True: the table changed
  // meanwhile (NLM_F_DUMP_INTR), dump again. After an error the socket may hold the rest of the
  // answer: connect anew.
  using OnMessage = std::function<Result<void>(const Message&)>;
  Result<bool> dump(Batch& request, const OnMessage& on_message);
  // One request that is no dump, with its answer: the errno of a refusal, or 0.
  Result<int> ask(Batch& request, const OnMessage& on_message);

 private:
  struct Close {
    void operator()(nl_sock* socket) const;
  };
  enum class Received { kData, kOverflow, kNothing };

  explicit Socket(nl_sock* socket) : socket_(socket) {}
  Result<void> tune();
  int send_bytes(Bytes bytes);
  // Fills buffer_ with one datagram of the kernel.
  Received receive(int flags, Bytes& datagram);
  // Until the end of the dump or the acknowledgement that was asked for.
  struct End {
    int error_number = 0;
    bool interrupted = false;  // NLM_F_DUMP_INTR
  };
  Result<End> converse(Batch& request, std::uint16_t ask_for, const OnMessage& on_message);
  void collect_answers(std::uint32_t first, std::size_t count, BatchOutcome& outcome);

  std::unique_ptr<nl_sock, Close> socket_;
  int descriptor_ = -1;
  std::uint32_t next_sequence_ = 1;
  std::size_t max_messages_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace lvs::netlink
