// Runs COUNT health checks a second against a stand-in on loopback addresses and says whether they
// were on time and what they cost. Half of them are of type TCP, half of type HTTP.
//
//   bench_checks [COUNT [SECONDS]]      10000 checks for 20 s
//
// Ends with 1 if a promise falls short. The stand-in is a process of its own, so that what it costs
// is not counted.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/health/health_runner.h"

namespace lvs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t kMostProbes = 8'000;
constexpr double kMostLateMs = 100;
constexpr double kMostCores = 0.5;
constexpr std::chrono::seconds kWarmUp{5};

// Answers every request with 200, on every address of the loopback network.
class StandIn {
 public:
  explicit StandIn(tcp::acceptor& acceptor) : acceptor_(acceptor) {}

  void serve() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (!error) std::make_shared<Session>(std::move(socket))->answer();
      serve();
    });
  }

 private:
  struct Session : std::enable_shared_from_this<Session> {
    explicit Session(tcp::socket accepted) : socket(std::move(accepted)) {}
    void answer() {
      asio::async_read_until(
          socket, request, "\r\n\r\n", [self = shared_from_this()](auto error, auto) {
            if (error) return;  // a TCP check asks nothing
            static constexpr std::string_view kAnswer =
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
            asio::async_write(self->socket, asio::buffer(kAnswer), [self](auto, auto) {});
          });
    }
    tcp::socket socket;
    asio::streambuf request;
  };

  tcp::acceptor& acceptor_;
};

// What was measured since the warm-up.
class Measured {
 public:
  void probed(const ProbeResult& result, Duration late) {
    const std::lock_guard lock(mutex_);
    if (!counting_) return;
    late_ms_.push_back(static_cast<double>(late.count()));
    if (!result.healthy) ++unhealthy_;
  }
  void begin() {
    const std::lock_guard lock(mutex_);
    counting_ = true;
  }
  // Sorted.
  std::vector<double> late_ms() {
    const std::lock_guard lock(mutex_);
    std::sort(late_ms_.begin(), late_ms_.end());
    return late_ms_;
  }
  std::size_t unhealthy() {
    const std::lock_guard lock(mutex_);
    return unhealthy_;
  }

 private:
  std::mutex mutex_;
  bool counting_ = false;
  std::vector<double> late_ms_;
  std::size_t unhealthy_ = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::set<CheckedServer> servers(std::size_t count, std::uint16_t port) {
  std::set<CheckedServer> all;
  for (std::size_t i = 0; i < count; ++i) {
    CheckedServer server;
    server.address = IpAddress(
        Family::kV4, {127, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    server.port = port;
    if (i % 2 == 0) server.check.kind = HttpCheck{};
    all.insert(server);
  }
  return all;
}

bool say(const char* what, double value, const char* unit, double most) {
  const bool holds = value <= most;
  std::printf("  %-46s%10.2f %s  %s: at most %g\n", what, value, unit,
              holds ? "holds" : "FALLS SHORT", most);
  return holds;
}

int measure(std::size_t count, std::chrono::seconds span, std::uint16_t port) {
  const SystemClock clock;
  Measured measured;
  HealthRunner runner(
      clock, {kMostProbes, "/nonexistent"}, [](const PoolHealthHeard&) {},
      [&](const CheckedServer&, const ProbeResult& result, Duration late) {
        measured.probed(result, late);
      });
  runner.watch({*IpAddress::parse("192.0.2.1"), Protocol::kTcp, 80, 0}, servers(count, port));
  std::this_thread::sleep_for(kWarmUp);
  measured.begin();
  const double cpu = cpu_seconds();
  std::size_t files = 0;
  for (auto left = span; left.count() > 0; --left) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    files = std::max(files, open_files());
  }
  const double cores = (cpu_seconds() - cpu) / static_cast<double>(span.count());
  const std::vector<double> late = measured.late_ms();
  if (late.empty()) return 1;
  const double wanted = static_cast<double>(count) * static_cast<double>(span.count());
  std::printf(
      "  %zu checks every second for %lld s: %zu probes (%.1f %%), %zu unhealthy, late by %.0f ms "
      "(median), %.0f ms (worst)\n",
      count, static_cast<long long>(span.count()), late.size(),
      100 * static_cast<double>(late.size()) / wanted, measured.unhealthy(), late[late.size() / 2],
      late.back());
  bool holds = say("lateness, 99th percentile", late[late.size() * 99 / 100], "ms", kMostLateMs);
  holds = say("processor", cores, "cores", kMostCores) && holds;
  holds = say("open files", static_cast<double>(files), "", kMostProbes) && holds;
  return holds && measured.unhealthy() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) {
  namespace asio = boost::asio;
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  const std::chrono::seconds span(argc > 2 ? std::strtol(argv[2], nullptr, 10) : 20);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  asio::io_context io;
  lvs::tcp::acceptor acceptor(io, {asio::ip::address_v4::any(), 0});
  acceptor.listen(65'535);
  const std::uint16_t port = acceptor.local_endpoint().port();
  io.notify_fork(asio::io_context::fork_prepare);
  const pid_t child = fork();
  if (child == 0) {
    io.notify_fork(asio::io_context::fork_child);
    lvs::StandIn stand_in(acceptor);
    stand_in.serve();
    io.run();
    _exit(0);
  }
  io.notify_fork(asio::io_context::fork_parent);
  acceptor.close();
  const int code = lvs::measure(count, span, port);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return code;
}
