// What the kernel answered to a slice, and what follows from it.
#include <algorithm>
#include <cerrno>

#include "agent/programmer.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

// So often in a row may the picture of a service be wrong before that counts as a failure.
constexpr int kStaleTries = 3;

constexpr const char* kSchedulerObject = "scheduler change";

bool is_service_operation(const Operation& operation) {
  return std::holds_alternative<NewService>(operation) ||
         std::holds_alternative<SetService>(operation);
}

// The kernel is not as we believed: read again, then decide anew.
bool is_stale(const Operation& operation, int error_number) {
  if (error_number == EEXIST || error_number == ESRCH) return true;
  return error_number == ENOENT && !is_service_operation(operation);
}

const char* reason_of(const Operation& operation, int error_number) {
  if (error_number == ENOENT && is_service_operation(operation)) return "SchedulerUnavailable";
  return error_number == EOPNOTSUPP ? "IpvsUnavailable" : "KernelRefused";
}

}  // namespace

void Programmer::run(Slice& slice, TimePoint now) {
  const ApplyReport report = kernel_.apply(slice.operations);
  metrics_.applied(slice.operations, report);
  note_refused_clients(slice, report);
  if (report.in_doubt) {
    doubt(slice, now);
    return;
  }
  kernel_backoff_.reset();
  believe(slice, report);
  const std::vector<Outcome> all = outcomes(slice, report);
  for (std::size_t i = 0; i < all.size(); ++i) finish(slice.segments[i], all[i], now);
}

// Stands until a scheduler was changed without it.
void Programmer::note_refused_clients(const Slice& slice, const ApplyReport& report) {
  if (report.clients_refused) {
    problems_.set({kSchedulerObject, "ClientsRefused", report.clients_refused->message});
    log_warning("clients may have been refused while a scheduler was changed",
                {{"error", report.clients_refused->message}});
  } else if (std::any_of(slice.operations.begin(), slice.operations.end(), replaces_scheduler)) {
    problems_.clear(kSchedulerObject);
  }
}

// Replies were lost: nobody knows what was done.
void Programmer::doubt(const Slice& slice, TimePoint now) {
  for (const Segment& segment : slice.segments) {
    mirror_.doubt(segment.key);
    queue_.push_routine(segment.key, Look{true, true});
  }
  services_unread_ = true;
  paused_until_ = now + kernel_backoff_.next(random());
  log_warning("answers of the kernel were lost; reading again",
              {{"operations", slice.operations.size()}});
}

void Programmer::believe(const Slice& slice, const ApplyReport& report) {
  std::vector<bool> refused(slice.operations.size(), false);
  for (const OperationFailure& failure : report.failures) refused[failure.index] = true;
  std::size_t at = 0;
  for (const Segment& segment : slice.segments) {
    for (; at < segment.end; ++at) {
      if (refused[at]) continue;
      mirror_.apply(slice.operations[at]);
      if (std::holds_alternative<NewService>(slice.operations[at])) {
        mirror_.reserve(segment.key, segment.end - at);
      }
      ++writes_;
    }
  }
}

std::vector<Programmer::Outcome> Programmer::outcomes(const Slice& slice,
                                                      const ApplyReport& report) const {
  std::vector<Outcome> all(slice.segments.size());
  for (const OperationFailure& failure : report.failures) {
    const auto segment =
        std::upper_bound(slice.segments.begin(), slice.segments.end(), failure.index,
                         [](std::size_t index, const Segment& each) { return index < each.end; });
    Outcome& outcome = all[static_cast<std::size_t>(segment - slice.segments.begin())];
    const Operation& operation = slice.operations[failure.index];
    if (is_stale(operation, failure.error_number)) {
      outcome.stale = true;
      continue;
    }
    if (std::holds_alternative<NewService>(operation)) outcome.lost_service = true;
    if (!outcome.problem) {
      outcome.problem =
          ProblemReport{to_string(segment->key), reason_of(operation, failure.error_number),
                        failure.error.message};
    }
  }
  return all;
}

void Programmer::finish(const Segment& segment, const Outcome& outcome, TimePoint now) {
  if (outcome.problem) {
    refuse(segment, outcome, now);
  } else if (outcome.stale) {
    read_again(segment, now);
  } else if (segment.last) {
    if (!segment.failed) settle(segment.key);
    if (segment.drift != 0) metrics_.drift_repaired(segment.drift);
  }
}

void Programmer::refuse(const Segment& segment, const Outcome& outcome, TimePoint now) {
  if (outcome.stale) {  // such as the destinations of a service that could not be made
    mirror_.doubt(segment.key);
    services_unread_ = true;
  }
  if (outcome.lost_service) {
    queue_.drop_remainder(segment.key);
  } else {
    queue_.mark_remainder_failed(segment.key);
  }
  Retry& retry = retries_[segment.key];
  if (retry.backoff.failures() == 0) {
    log_error("kernel refused", {{"service", to_string(segment.key)},
                                 {"reason", outcome.problem->reason},
                                 {"error", outcome.problem->message}});
  }
  retry.at = now + retry.backoff.next(random());
  problems_.set(*outcome.problem);
}

void Programmer::read_again(const Segment& segment, TimePoint now) {
  mirror_.doubt(segment.key);
  services_unread_ = true;
  Retry& retry = retries_[segment.key];
  if (++retry.stale <= kStaleTries) {
    queue_.push_routine(segment.key, Look{true, true});
    return;
  }
  queue_.drop_remainder(segment.key);
  retry.at = now + retry.backoff.next(random());
  problems_.set({to_string(segment.key), "KernelKeepsChanging",
                 "somebody else changes this service again and again; find out who with auditctl "
                 "or bpftrace and stop it (kube-proxy in ipvs mode, keepalived)"});
}

void Programmer::settle(const ServiceKey& key) {
  if (retries_.erase(key) != 0) problems_.clear(to_string(key));
}

void Programmer::wake_retries(TimePoint now) {
  for (auto& [key, retry] : retries_) {
    if (!retry.at || *retry.at > now) continue;
    retry.at.reset();
    queue_.push_routine(key, Look{true, true});
  }
}

void Programmer::pause(const std::string& object, const Error& error, TimePoint now) {
  paused_until_ = now + kernel_backoff_.next(random());
  problems_.set({object, "KernelUnavailable", error.message});
  log_error("cannot read the kernel", {{"error", error.message}});
}

}  // namespace lvs
