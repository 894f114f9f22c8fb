#include "agent/health/health_runner.h"

#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/health/beast_kinds.h"

namespace lvs {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kBetweenReports{20};

}  // namespace

class HealthRunner::Impl {
 public:
  Impl(const Clock& clock, const Options& options, Heard heard, Probed probed)
      : clock_(clock),
        most_running_(options.most_running),
        tls_(options.check_files),
        heard_(std::move(heard)),
        probed_(std::move(probed)) {
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Impl() {
    io_.stop();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void watch(const ServiceKey& service, std::set<CheckedServer> servers) {
    asio::post(io_, [this, service, servers = std::move(servers)]() mutable {
      board_.watch(service, std::move(servers), clock_.now());
      heard_({service, board_.health_of(service)});
      begin_due();
    });
  }

 private:
  void begin_due() {
    const TimePoint now = clock_.now();
    for (const DueCheck& due : board_.take_due(now, most_running_ - running_)) {
      ++running_;
      start_probe(tools_, due.server,
                  [this, server = due.server, late = now - due.since](const ProbeResult& result) {
                    end(server, result, late);
                  });
    }
    sleep(now);
  }

  void end(const CheckedServer& server, const ProbeResult& result, Duration late) {
    --running_;
    probed_(server, result, late);
    tell_soon(board_.record(server, result, clock_.now()));
    if (server.route && !result.healthy) ask_own_address(server);
    begin_due();
  }

  // At once, unless something was told a moment ago: what has changed meanwhile goes together. A
  // report has every server of its service, so that one for each of ten thousand results would
  // leave no time for probes.
  void tell_soon(const std::vector<ServiceKey>& changed) {
    if (changed.empty()) return;
    const bool waits = !untold_.empty();
    untold_.insert(changed.begin(), changed.end());
    if (waits) return;
    teller_.expires_at(told_at_ + kBetweenReports);
    teller_.async_wait([this](const boost::system::error_code&) { tell(); });
  }

  void tell() {
    for (const ServiceKey& service : std::exchange(untold_, {})) {
      heard_({service, board_.health_of(service)});
    }
    told_at_ = asio::steady_timer::clock_type::now();
  }

  // A check through the VIP has failed: is it the server, or the way there? At most one at a time
  // for each check, and none where as many run as may.
  void ask_own_address(const CheckedServer& server) {
    if (running_ >= most_running_ || !asking_own_.insert(server).second) return;
    ++running_;
    CheckedServer own = server;
    own.route.reset();
    start_probe(tools_, own, [this, server](const ProbeResult& result) {
      --running_;
      asking_own_.erase(server);
      board_.record_own(server, result);
      begin_due();
    });
  }

  // Where as many run as may, the end of one goes on.
  void sleep(TimePoint now) {
    const auto next = board_.next_due();
    if (!next || running_ >= most_running_) return;
    if (wakes_at_ && *wakes_at_ <= *next && *wakes_at_ > now) return;
    wakes_at_ = next;
    timer_.expires_after(*next - now);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // another, earlier one was set
      wakes_at_.reset();
      begin_due();
    });
  }

  const Clock& clock_;
  const std::size_t most_running_;
  CheckTls tls_;
  const Heard heard_;
  const Probed probed_;
  HealthBoard board_;
  std::size_t running_ = 0;
  std::set<CheckedServer> asking_own_;  // after a failure through the VIP
  std::optional<TimePoint> wakes_at_;
  std::set<ServiceKey> untold_;
  asio::steady_timer::time_point told_at_;
  asio::io_context io_{1};
  ProbeTools tools_{io_, tls_};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer timer_{io_};
  asio::steady_timer teller_{io_};
  std::thread thread_;
};

HealthRunner::HealthRunner(const Clock& clock, const Options& options, Heard heard, Probed probed)
    : impl_(std::make_unique<Impl>(clock, options, std::move(heard), std::move(probed))) {}

HealthRunner::~HealthRunner() = default;

void HealthRunner::watch(const ServiceKey& service, std::set<CheckedServer> servers) {
  impl_->watch(service, std::move(servers));
}

}  // namespace lvs
