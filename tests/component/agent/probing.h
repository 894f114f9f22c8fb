// Real probes to scripted servers on loopback.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/health/health_runner.h"

namespace lvs::probing {

inline const ServiceKey kService{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
inline const IpAddress kLoopback = IpAddress::parse("127.0.0.1").value();

// Accepts connections and does with each what it is told, one after the other.
class Server {
 public:
  using Serve = std::function<void(int)>;

  explicit Server(Serve serve) : serve_(std::move(serve)), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, generic, length), 0);
    EXPECT_EQ(::listen(fd_, 64), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void run() {
    for (int client = ::accept(fd_, nullptr, nullptr); client >= 0;
         client = ::accept(fd_, nullptr, nullptr)) {
      serve_(client);
      ::close(client);
    }
  }

  Serve serve_;
  int fd_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// Reads the question, then sends `text` until the peer has had enough.
inline Server::Serve answering(const std::string& text, int times = 1) {
  return [text, times](int client) {
    char question[4096];
    if (::recv(client, question, sizeof question, 0) <= 0) return;
    for (int i = 0; i < times; ++i) {
      if (::send(client, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
    }
  };
}

inline HealthCheckSpec check_of(CheckKind kind, Duration timeout = Duration{20'000}) {
  HealthCheckSpec check;
  check.kind = std::move(kind);
  check.interval = Duration{20};
  check.timeout = timeout;
  check.fall = 2;
  return check;
}

class Probing : public ::testing::Test {
 protected:
  std::string files;  // the folder of the checks' files
  IpAddress address = kLoopback;

  // What is heard when the state of the one server is known.
  HealthOpinion opinion_of(std::uint16_t port, const HealthCheckSpec& check) {
    const SystemClock clock;
    HealthRunner runner(
        clock, {10, files}, [this](const PoolHealthHeard& heard) { hear(heard); },
        [](const CheckedServer&, const ProbeResult&, Duration) {});
    runner.watch(kService, {{address, port, check}});
    return wait_until_known();
  }

  void expect_unhealthy(std::uint16_t port, const HealthCheckSpec& check, const std::string& why) {
    const HealthOpinion opinion = opinion_of(port, check);
    EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
    EXPECT_EQ(opinion.why, why);
  }
  void expect_healthy(std::uint16_t port, const HealthCheckSpec& check) {
    const HealthOpinion opinion = opinion_of(port, check);
    EXPECT_EQ(opinion.state, HealthState::kHealthy) << opinion.why;
  }

  void hear(const PoolHealthHeard& heard) {
    const std::lock_guard lock(mutex_);
    last_ = heard.health.begin()->second;
    changed_.notify_all();
  }
  HealthOpinion wait_until_known() {
    std::unique_lock lock(mutex_);
    const bool known = changed_.wait_for(lock, std::chrono::seconds(60),
                                         [this] { return last_.state != HealthState::kUnknown; });
    EXPECT_TRUE(known);
    return std::exchange(last_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  HealthOpinion last_;
};

}  // namespace lvs::probing
