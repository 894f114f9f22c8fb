#include "operator/leader_lease.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kPatience{5'000};  // for one call
constexpr int kTriesPerDuration = 5;

std::string now_text() { return format_micro_time(std::chrono::system_clock::now()); }

timespec as_timespec(Duration duration) {
  constexpr long kNanosPerMilli = 1'000'000;
  return {duration.count() / 1000, (duration.count() % 1000) * kNanosPerMilli};
}

// Somebody else wrote in between.
bool is_race(const Error& error) {
  return error.code == ErrorCode::kConflict || error.code == ErrorCode::kAlreadyExists ||
         error.code == ErrorCode::kNotFound;
}

}  // namespace

LeaderLease::LeaderLease(ApiClient& client, LeaderOptions options)
    : options_(std::move(options)),
      leases_(client, kPatience),
      leadership_(options_.identity, options_.duration) {}

LeaderLease::~LeaderLease() {
  if (!held_) return;
  if (const auto freed = leases_.update(leadership_.given_up(*held_)); !freed) {
    log_warning("Lease not given up; the next operator waits until it has expired",
                {{"lease", to_string(options_.lease)}, {"error", freed.error().message}});
  }
}

Result<Lease> LeaderLease::read() {
  auto lease = leases_.get(options_.lease);
  if (lease || lease.error().code != ErrorCode::kNotFound) return lease;
  Lease none;
  none.key = options_.lease;
  return none;
}

Result<std::optional<Lease>> LeaderLease::try_once() {
  const SystemClock clock;
  const auto seen = read();
  if (!seen) {
    leadership_.not_seen();
    return tl::unexpected(seen.error());
  }
  const auto wish = leadership_.wish(*seen, clock.now(), now_text());
  if (!wish) return std::optional<Lease>{};
  auto written = wish->resource_version.empty() ? leases_.create(*wish) : leases_.update(*wish);
  if (written) return std::optional<Lease>{std::move(*written)};
  if (is_race(written.error())) return std::optional<Lease>{};
  return tl::unexpected(written.error());
}

// Each once, and when it is over.
void LeaderLease::note(const Error* error) {
  const std::string now = error == nullptr ? std::string() : error->message;
  if (std::exchange(trouble_, now) == now) return;
  if (error != nullptr) {
    log_warning("Lease not reached", {{"lease", to_string(options_.lease)}, {"error", now}});
  } else {
    log_info("Lease reached again", {{"lease", to_string(options_.lease)}});
  }
}

std::optional<std::uint64_t> LeaderLease::campaign(const sigset_t& signals) {
  const timespec pause = as_timespec(options_.duration / kTriesPerDuration);
  log_info("waits until it leads",
           {{"lease", to_string(options_.lease)}, {"identity", options_.identity}});
  do {
    auto tried = try_once();
    note(tried ? nullptr : &tried.error());
    if (tried && *tried) {
      held_ = std::move(*tried);
      log_info("leads", {{"identity", options_.identity}, {"term", held_->transitions}});
      return held_->transitions;
    }
  } while (sigtimedwait(&signals, nullptr, &pause) < 0);
  return std::nullopt;
}

// After a write that met another: was it one who only touched the Lease?
bool LeaderLease::may_still_lead() {
  const auto seen = read();
  return !seen || (leadership_.leads(*seen) && seen->transitions == held_->transitions);
}

std::jthread LeaderLease::keep(std::function<void()> lost) {
  return std::jthread([this, lost = std::move(lost)](const std::stop_token& over) {
    std::mutex mutex;
    std::condition_variable_any bell;
    std::unique_lock lock(mutex);
    const auto pause = options_.duration / kTriesPerDuration;
    while (!bell.wait_for(lock, over, pause, [&] { return over.stop_requested(); })) {
      const auto term = held_->transitions;
      auto tried = try_once();
      note(tried ? nullptr : &tried.error());
      if (!tried || (!*tried && may_still_lead())) continue;
      held_ = std::move(*tried);
      if (held_ && held_->transitions == term) continue;
      log_warning("leads no more", {{"lease", to_string(options_.lease)}, {"term", term}});
      lost();
      return;
    }
  });
}

}  // namespace lvs
