// Real probes to real servers on loopback, well and badly behaved ones.
#include "agent/health/health_runner.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lvs {
namespace {

const ServiceKey kService{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
const IpAddress kLoopback = IpAddress::parse("127.0.0.1").value();

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
Server::Serve answering(const std::string& text, int times = 1) {
  return [text, times](int client) {
    char question[4096];
    if (::recv(client, question, sizeof question, 0) <= 0) return;
    for (int i = 0; i < times; ++i) {
      if (::send(client, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
    }
  };
}

HealthCheckSpec check_of(const std::string& type, Duration timeout = Duration{20'000}) {
  HealthCheckSpec check;
  check.type = type;
  if (type == "HTTP") check.expect_status = {{200, 299}};
  check.interval = Duration{20};
  check.timeout = timeout;
  check.fall = 2;
  return check;
}

class HealthRunnerTest : public ::testing::Test {
 protected:
  // What is heard when the state of the one server is known.
  HealthOpinion opinion_of(std::uint16_t port, const HealthCheckSpec& check) {
    const SystemClock clock;
    HealthRunner runner(
        clock, 10, [this](const PoolHealthHeard& heard) { hear(heard); },
        [](const CheckedServer&, const ProbeResult&, Duration) {});
    runner.watch(kService, {{kLoopback, port, check}});
    return wait_until_known();
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

TEST_F(HealthRunnerTest, TcpIsHealthyWhenAConnectionIsAccepted) {
  const Server server([](int) {});
  EXPECT_EQ(opinion_of(server.port(), check_of("TCP")).state, HealthState::kHealthy);
}

TEST_F(HealthRunnerTest, NobodyListens) {
  std::uint16_t port = 0;
  {
    port = Server([](int) {}).port();
  }
  EXPECT_EQ(opinion_of(port, check_of("TCP")),
            (HealthOpinion{HealthState::kUnhealthy, "connecting: Connection refused"}));
}

TEST_F(HealthRunnerTest, HttpIsHealthyWithAnExpectedStatus) {
  const Server server(answering("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(opinion_of(server.port(), check_of("HTTP")).state, HealthState::kHealthy);
}

TEST_F(HealthRunnerTest, AnotherStatusIsNamed) {
  const Server server(answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(opinion_of(server.port(), check_of("HTTP")),
            (HealthOpinion{HealthState::kUnhealthy, "HTTP status 503, expected 200-299"}));
}

TEST_F(HealthRunnerTest, AsksForThePathOnTheServersOwnAddress) {
  std::string question;
  const Server server([&question](int client) {
    char text[4096];
    const auto length = ::recv(client, text, sizeof text, 0);
    if (length > 0 && question.empty()) question.assign(text, static_cast<std::size_t>(length));
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
    ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  HealthCheckSpec check = check_of("HTTP");
  check.path = "/health?deep=1";
  EXPECT_EQ(opinion_of(server.port(), check).state, HealthState::kHealthy);
  EXPECT_EQ(question,
            "GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: lvs-agent\r\nConnection: close\r\n\r\n");
}

TEST_F(HealthRunnerTest, AServerThatNeverAnswersCostsItsTimeout) {
  const Server server([](int client) {
    char text[4096];
    while (::recv(client, text, sizeof text, 0) > 0) {
    }
  });
  EXPECT_EQ(opinion_of(server.port(), check_of("HTTP", Duration{50})),
            (HealthOpinion{HealthState::kUnhealthy, "no answer within 50 ms (reading)"}));
}

TEST_F(HealthRunnerTest, AnEndlessHeaderIsCutOff) {
  const Server server(answering("HTTP/1.1 200 OK\r\nX: " + std::string(60'000, 'x'), 1'000));
  EXPECT_EQ(
      opinion_of(server.port(), check_of("HTTP")),
      (HealthOpinion{HealthState::kUnhealthy, "the header of the answer is longer than 16 KiB"}));
}

TEST_F(HealthRunnerTest, AnEndlessBodyIsNotRead) {
  const Server server(answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(60'000, 'x'), 1'000));
  EXPECT_EQ(opinion_of(server.port(), check_of("HTTP")).state, HealthState::kHealthy);
}

TEST_F(HealthRunnerTest, AnotherProtocolIsNoAnswer) {
  const Server server(answering("220 mail.example ESMTP\r\n"));
  const auto opinion = opinion_of(server.port(), check_of("HTTP"));
  EXPECT_EQ(opinion.state, HealthState::kUnhealthy);
  EXPECT_TRUE(opinion.why.starts_with("reading: ")) << opinion.why;
}

TEST_F(HealthRunnerTest, AConnectionThatIsClosedIsNoAnswer) {
  const Server server(answering("", 0));
  EXPECT_EQ(opinion_of(server.port(), check_of("HTTP")),
            (HealthOpinion{HealthState::kUnhealthy, "closed the connection before it answered"}));
}

TEST_F(HealthRunnerTest, GoesOnToProbeAndTellsWhatChanges) {
  std::atomic<bool> well = true;
  const Server server([&well](int client) {
    answering(well ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 500 Oops\r\n\r\n")(client);
  });
  const SystemClock clock;
  HealthRunner runner(
      clock, 1, [this](const PoolHealthHeard& heard) { hear(heard); },
      [](const CheckedServer&, const ProbeResult&, Duration) {});
  runner.watch(kService, {{kLoopback, server.port(), check_of("HTTP")}});
  EXPECT_EQ(wait_until_known().state, HealthState::kHealthy);
  well = false;
  EXPECT_EQ(wait_until_known().state, HealthState::kUnhealthy);
  well = true;
  EXPECT_EQ(wait_until_known().state, HealthState::kHealthy);
}

TEST_F(HealthRunnerTest, EndsWhileProbesRun) {
  const Server server([](int client) {
    char text[4096];
    while (::recv(client, text, sizeof text, 0) > 0) {
    }
  });
  const SystemClock clock;
  HealthRunner runner(
      clock, 10, [](const PoolHealthHeard&) {},
      [](const CheckedServer&, const ProbeResult&, Duration) {});
  runner.watch(kService, {{kLoopback, server.port(), check_of("HTTP")}});
}

}  // namespace
}  // namespace lvs
