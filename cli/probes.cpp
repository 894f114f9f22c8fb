#include "cli/probes.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "http/client.h"

namespace lvs::cli {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

std::string first_line(const std::string& body) {
  const std::string line = body.substr(0, std::min(body.find_first_of("\r\n"), kLongestName));
  return line.empty() ? "(empty answer)" : line;
}

// The reason without the request's own words, so that equal failures look equal.
std::string reason_of(const Error& error) {
  return error.code == ErrorCode::kTimeout ? "no answer in time" : error.message;
}

class ProbeRun {
 public:
  ProbeRun(const ProbeTarget& target, const Pace& pace,
           const std::function<void(std::size_t)>& each)
      : target_(target), pace_(pace), each_(each), probes_(pace.count), begun_(clock_.now()) {}

  std::vector<Probe> run() && {
    std::vector<std::jthread> workers;
    const std::size_t wanted = std::min(pace_.at_once, pace_.count);
    workers.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) workers.emplace_back([this] { work(); });
    workers.clear();
    return std::move(probes_);
  }

 private:
  void work() {
    for (std::size_t number = next_++; number < pace_.count; number = next_++) {
      const auto due = begun_ + static_cast<Duration::rep>(number) * pace_.interval;
      if (pace_.interval.count() > 0) std::this_thread::sleep_for(due - clock_.now());
      probes_[number] = ask();
      const std::lock_guard lock(mutex_);
      ++over_;
      if (each_) each_(over_);
    }
  }

  // A new client has no connection that could be used again.
  [[nodiscard]] Probe ask() const {
    Probe probe;
    const TimePoint start = clock_.now();
    probe.begun = start - begun_;
    HttpClientOptions options;
    options.ca.file = target_.ca_file;
    options.user_agent = "lvsctl";
    options.max_response_bytes = kMostBytes;
    const auto client = make_http_client(target_.server, options);
    HttpRequest request;
    request.path_and_query = target_.path;
    request.timeout = pace_.timeout;
    const auto response = client ? (*client)->send(request) : tl::unexpected(client.error());
    probe.took = clock_.now() - start;
    if (!response) {
      probe.error = reason_of(response.error());
    } else if (response->status >= 400) {
      probe.error = "status " + std::to_string(response->status);
    } else {
      probe.answer = target_.name_header.empty()
                         ? first_line(response->body)
                         : std::string(header_or_empty(response->headers, target_.name_header));
    }
    return probe;
  }

  const ProbeTarget& target_;
  const Pace& pace_;
  const std::function<void(std::size_t)>& each_;
  const SystemClock clock_;
  std::vector<Probe> probes_;
  const TimePoint begun_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::size_t over_ = 0;
};

}  // namespace

Result<ProbeTarget> parse_probe_target(const std::string& url) {
  const auto scheme = url.find("://");
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.size() == scheme + 3) {
    return fail(ErrorCode::kInvalidArgument,
                url + ": must be a URL such as http://192.0.2.100/ or https://[2001:db8::1]:8443/");
  }
  const auto slash = url.find('/', scheme + 3);
  ProbeTarget target;
  target.server = url.substr(0, slash);
  if (slash != std::string::npos) target.path = url.substr(slash);
  return target;
}

std::vector<Probe> run_probes(const ProbeTarget& target, const Pace& pace,
                              const std::function<void(std::size_t)>& each) {
  return ProbeRun(target, pace, each).run();
}

}  // namespace lvs::cli
