#include "agent/programmer.h"

#include <algorithm>
#include <iterator>

#include "core/diff.h"
#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

// One netlink batch of 128 KiB: what a small change may have to wait for.
constexpr std::size_t kSliceOperations = 900;
// Destinations read from the kernel before the mailbox is looked at again.
constexpr std::size_t kSliceReads = 1000;

constexpr const char* kKernelObject = "kernel";
constexpr const char* kPlanObject = "plan";
constexpr const char* kDeletionsObject = "held deletions";

}  // namespace

void Programmer::plan_changed(const NodePlan& plan, const ServiceChange& change) {
  note_drained(plan, change.touched);
  const Look look{true, false};
  for (const ServiceKey& key : change.touched) {
    if (change.urgent) {
      queue_.push_urgent(key, look);
    } else {
      queue_.push_routine(key, look);
    }
  }
  // A small change that takes no service away costs nothing here.
  if (change.urgent && change.removed.empty() && held_.empty()) return;
  for (const auto& [key, owner] : change.removed) owners_[key] = owner;
  // The rest of the names is only needed while the kernel still has the service.
  for (auto at = owners_.begin(); at != owners_.end();) {
    const bool needed = plan.services.count(at->first) == 0 &&
                        (!services_known_ || mirror_.find(at->first) != nullptr);
    at = needed ? std::next(at) : owners_.erase(at);
  }
  guard_due_ = true;
  save_deletions();
}

void Programmer::load_deletions() {
  auto pending = deletion_store_.load();
  if (!pending) {
    log_error("which deletions were held back is not known; what the plan lacks is judged anew",
              {{"error", pending.error().message}});
    return;
  }
  owners_ = std::move(pending->owners);
  held_ = std::move(pending->held);
}

void Programmer::save_deletions() {
  const auto saved = deletion_store_.save({owners_, held_});
  if (saved) {
    problems_.clear(kDeletionsObject);
  } else {
    problems_.set({kDeletionsObject, "DeletionsNotStored",
                   saved.error().message + "; a restart would forget what is held back"});
  }
}

void Programmer::check_everything() {
  services_unread_ = true;
  check_wanted_ = true;
}

void Programmer::servers_off_link(const NodePlan& plan, OffLinkServers servers) {
  if (servers == off_link_) return;
  OffLinkServers changed;
  std::set_symmetric_difference(servers.begin(), servers.end(), off_link_.begin(), off_link_.end(),
                                std::inserter(changed, changed.end()));
  off_link_ = std::move(servers);
  for (const auto& [key, service] : plan.services) {
    const auto& destinations = service->destinations;
    const bool touched = std::any_of(
        destinations.begin(), destinations.end(),
        [&](const PlannedDestination& each) { return changed.contains(each.key.address); });
    if (touched) queue_.push_routine(key, Look{true, false});
  }
}

bool Programmer::prepare(const NodePlan& plan, TimePoint now) {
  if (paused_until_ && now < *paused_until_) return services_known_;
  paused_until_.reset();
  wake_retries(now);
  const bool urgent_first = services_known_ && queue_.has_urgent();
  if (services_unread_ && !urgent_first && !read_services(plan, now)) return services_known_;
  hold_mass_deletions(plan);
  return true;
}

bool Programmer::work(const NodePlan& plan, TimePoint now) {
  if (!prepare(plan, now) || paused_until_ || queue_.empty()) return false;
  Slice slice;
  fill(slice, plan, now);
  if (!slice.operations.empty()) run(slice, now);
  if (slice.reads != 0) metrics_.services_read(slice.reads);
  return true;
}

bool Programmer::read_services(const NodePlan& plan, TimePoint now) {
  auto services = kernel_.dump_services();
  if (!services) {
    pause(kKernelObject, services.error(), now);
    return false;
  }
  problems_.clear(kKernelObject);
  const std::set<ServiceKey> differing = mirror_.replace_services(std::move(*services));
  services_unread_ = false;
  services_known_ = true;
  kernel_backoff_.reset();
  const Look look{first_look_, true};
  if (check_wanted_) {
    for (const auto& [key, planned] : plan.services) queue_.push_routine(key, look);
    for (const ServiceKey& key : mirror_.owned()) queue_.push_routine(key, look);
  }
  for (const ServiceKey& key : differing) {
    if (is_ours(plan, key)) queue_.push_routine(key, look);
  }
  check_wanted_ = false;
  first_look_ = false;
  return true;
}

void Programmer::hold_mass_deletions(const NodePlan& plan) {
  if (!guard_due_) return;
  guard_due_ = false;
  const std::vector<ServiceKey> ours = mirror_.owned();
  std::set<ServiceKey> hold = deletions_to_hold(ours, plan, owners_, held_);
  for (const ServiceKey& key : held_) {
    if (hold.count(key) == 0) queue_.push_routine(key, Look{true, true});
  }
  held_ = std::move(hold);
  save_deletions();
  if (held_.empty()) {
    problems_.clear(kPlanObject);
    return;
  }
  const std::string message =
      "the plan leaves out " + std::to_string(held_.size()) + " of our " +
      std::to_string(ours.size()) +
      " services, and nobody was seen deleting their VirtualServices; they are kept. Restore the "
      "manifests, or start lvs-operator with --accept-mass-deletion if this is meant";
  problems_.set({kPlanObject, "MassDeletionHeld", message});
  log_warning("mass deletion held back", {{"services", held_.size()}, {"of", ours.size()}});
}

bool Programmer::is_ours(const NodePlan& plan, const ServiceKey& key) const {
  if (plan.services.count(key) != 0) return true;
  const Mirror::Entry* entry = mirror_.find(key);
  return entry != nullptr && entry->service.owned;
}

void Programmer::fill(Slice& slice, const NodePlan& plan, TimePoint now) {
  fill_from(/*urgent=*/true, slice, plan, now);
  // A small change is a batch of its own and is on its way at once.
  if (slice.operations.empty()) fill_from(/*urgent=*/false, slice, plan, now);
}

void Programmer::fill_from(bool urgent, Slice& slice, const NodePlan& plan, TimePoint now) {
  while (slice.operations.size() < kSliceOperations && slice.reads < kSliceReads) {
    if (auto rest = queue_.take_remainder(urgent)) {
      add(slice, urgent, std::move(*rest));
      continue;
    }
    const auto work = queue_.take(urgent);
    if (!work) return;
    auto changes = changes_of(*work, slice, plan, now);
    if (!changes) return;
    if (changes->empty()) {
      settle(work->key);
      continue;
    }
    const bool drift = !work->look.changed && drains_.destinations(work->key).empty();
    if (drift) {
      metrics_.drift_found(changes->size());
      log_warning("kernel differs from the plan", {{"service", to_string(work->key)},
                                                   {"operations", changes->size()},
                                                   {"first", format(changes->front())}});
    }
    const std::size_t repairs = drift ? changes->size() : 0;
    add(slice, urgent, Remainder{work->key, std::move(*changes), 0, false, repairs});
  }
}

void Programmer::add(Slice& slice, bool urgent, Remainder remainder) {
  const std::size_t room = kSliceOperations - slice.operations.size();
  const std::size_t count = std::min(room, remainder.operations.size() - remainder.next);
  const auto first = remainder.operations.begin() + static_cast<std::ptrdiff_t>(remainder.next);
  std::move(first, first + static_cast<std::ptrdiff_t>(count),
            std::back_inserter(slice.operations));
  remainder.next += count;
  const bool last = remainder.next == remainder.operations.size();
  slice.segments.push_back(
      {remainder.key, slice.operations.size(), last, remainder.failed, remainder.drift});
  if (!last) queue_.put_remainder(urgent, std::move(remainder));
}

std::optional<ChangeSet> Programmer::changes_of(const QueuedWork& work, Slice& slice,
                                                const NodePlan& plan, TimePoint now) {
  if (!know_destinations(work, slice, now)) return std::nullopt;
  const Mirror::Entry* entry = mirror_.find(work.key);
  const auto planned = plan.services.find(work.key);
  if (planned == plan.services.end()) {
    if (entry == nullptr || held_.count(work.key) != 0) return ChangeSet{};
    if (kept_.contains(work.key.address)) return ChangeSet{};
    return diff_service(nullptr, &entry->service, drains_, now);
  }
  const DesiredService wanted = realise_service(work.key, *planned->second, off_link_,
                                                health_.verdict(work.key, *planned->second));
  return diff_service(&wanted, entry == nullptr ? nullptr : &entry->service, drains_, now);
}

bool Programmer::know_destinations(const QueuedWork& work, Slice& slice, TimePoint now) {
  const Mirror::Entry* entry = mirror_.find(work.key);
  if (entry == nullptr) return true;
  // A drain is judged by its connections, which only the kernel knows.
  const bool read =
      work.look.reread || !entry->destinations_known || !drains_.destinations(work.key).empty();
  if (!read) return true;
  auto destinations = kernel_.dump_destinations(work.key);
  if (!destinations) {
    pause(kKernelObject, destinations.error(), now);
    queue_.push_routine(work.key, Look{work.look.changed, true});
    return false;
  }
  kernel_backoff_.reset();
  // At least one, so that many empty services end a slice too.
  slice.reads += destinations->size() + 1;
  mirror_.replace_destinations(work.key, std::move(*destinations));
  return true;
}

std::optional<TimePoint> Programmer::next_retry() const {
  std::optional<TimePoint> next = paused_until_;
  for (const auto& [key, retry] : retries_) {
    if (retry.at && (!next || *retry.at < *next)) next = retry.at;
  }
  return next;
}

bool Programmer::is_settled() const { return services_known_ && !queue_.has_changes(); }

bool Programmer::stands(const IpAddress& vip, const NodePlan& plan) const {
  if (!services_known_ || queue_.changes(vip)) return false;
  const auto planned = plan.services.lower_bound(first_key_of(vip));
  const bool has_services = planned != plan.services.end() && planned->first.address == vip;
  return !has_services || mirror_.has_service_of(vip);
}

void Programmer::keep_services_of(const std::set<IpAddress>& vips) {
  if (vips == kept_) return;
  for (const ServiceKey& key : mirror_.owned()) {
    if (kept_.contains(key.address)) queue_.push_routine(key, Look{true, true});
  }
  kept_ = vips;
}

std::set<ServiceKey> Programmer::leftovers(const NodePlan& plan) const {
  std::set<ServiceKey> left = held_;
  for (const ServiceKey& key : kept_.empty() ? std::vector<ServiceKey>{} : mirror_.owned()) {
    if (kept_.contains(key.address) && plan.services.count(key) == 0) left.insert(key);
  }
  for (const auto& [key, retry] : retries_) {
    if (plan.services.count(key) == 0) left.insert(key);
  }
  return left;
}

bool Programmer::holds_back(const IpAddress& vip) const {
  const auto at = held_.lower_bound(first_key_of(vip));
  return at != held_.end() && at->address == vip;
}

}  // namespace lvs
