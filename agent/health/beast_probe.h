// Internal to agent/health: one question to one server, and its frame: one time limit for
// everything and one result. A kind of check derives from it, in a file of its own.
//
// Lives as long as a step of it is under way, by the handlers that next() makes. Threads: the one
// that runs the io_context.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/health/check.h"

namespace lvs {

using ProbeDone = std::function<void(const ProbeResult&)>;

class Probe : public std::enable_shared_from_this<Probe> {
 public:
  using ErrorCode = boost::system::error_code;

  Probe(boost::asio::io_context& io, CheckedServer server, ProbeDone done)
      : server_(std::move(server)), deadline_(io), done_(std::move(done)) {}
  virtual ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start();

 protected:
  virtual void begin() = 0;
  // Ends whatever is under way; what its handlers still say is not heard.
  virtual void close() = 0;
  // The end of a step that went wrong, and of the time. Both are unhealthy, unless a kind knows
  // better.
  virtual void failed(const std::string& why) { unhealthy(why); }
  virtual void timed_out(const std::string& why) { unhealthy(why); }
  // What went wrong, for people, without what was being done.
  [[nodiscard]] virtual std::string describe(const ErrorCode& error) const {
    return error.message();
  }

  // The handler of an asynchronous step: `step` when it went well, or the end. `doing` is what
  // people are told if it fails or takes too long.
  template <typename Step>
  auto next(const char* doing, Step step) {
    doing_ = doing;
    return [self = shared_from_this(), this, doing, step](const ErrorCode& error,
                                                          [[maybe_unused]] auto... more) -> void {
      if (!done_) return;
      if (error) {
        note(error);
        failed(std::string(doing) + ": " + describe(error));
      } else if constexpr (std::is_invocable_v<Step>) {
        step();
      } else {
        step(more...);
      }
    };
  }

  void healthy() { finish(true, ""); }
  void unhealthy(std::string why) { finish(false, std::move(why)); }

  // Somebody there has answered: a failure is no silence any more.
  void has_heard() { heard_ = true; }

  [[nodiscard]] bool is_over() const { return !done_; }

  const CheckedServer server_;

 private:
  void note(const ErrorCode& error);
  void finish(bool healthy, std::string why);

  boost::asio::steady_timer deadline_;
  ProbeDone done_;  // empty: it is over
  const char* doing_ = "starting";
  bool heard_ = false;
  ProbeFailure failure_ = ProbeFailure::kOther;
  std::chrono::steady_clock::time_point began_;
};

// A probe that begins with a TCP connection. It is reset at the end, so that neither side keeps
// anything of it: probes come every second.
class StreamProbe : public Probe {
 public:
  StreamProbe(boost::asio::io_context& io, CheckedServer server, ProbeDone done)
      : Probe(io, std::move(server), std::move(done)), socket_(io) {}

 protected:
  void begin() override;
  void close() override;
  virtual void connected() = 0;

  boost::asio::ip::tcp::socket socket_;
};

// What a server has sent, for people: printable, in quotes, no longer than a line.
[[nodiscard]] std::string quoted(std::string_view bytes);

}  // namespace lvs
