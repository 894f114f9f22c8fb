#include "agent/lease_reader.h"

#include <map>

namespace lvs {
namespace {

// From so many on a list is cheaper, for both sides.
constexpr std::size_t kMany = 16;

}  // namespace

LeaseReader::LeaseReader(Ways ways) : ways_(std::move(ways)), thread_([this] { work(); }) {}

LeaseReader::~LeaseReader() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LeaseReader::read(const IpAddress& vip) {
  const std::lock_guard lock(mutex_);
  wanted_.insert(vip);
  changed_.notify_one();
}

void LeaseReader::claim_begins(const IpAddress& vip) {
  const std::lock_guard lock(mutex_);
  claiming_.insert(vip);
  claimed_.insert(vip);
}

void LeaseReader::claim_ends(const IpAddress& vip) {
  const std::lock_guard lock(mutex_);
  claiming_.erase(claiming_.find(vip));
}

void LeaseReader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return over_ || !wanted_.empty(); });
    if (over_) return;
    const std::set<IpAddress> vips = std::exchange(wanted_, {});
    claimed_ = {claiming_.begin(), claiming_.end()};
    lock.unlock();
    if (vips.size() < kMany) {
      for (const IpAddress& vip : vips) ways_.read_one(vip);
    } else {
      read_list(vips);
    }
    lock.lock();
  }
}

void LeaseReader::read_list(const std::set<IpAddress>& vips) {
  const auto leases = ways_.list();
  if (!leases) return;  // silence has a meaning of its own
  std::map<std::string, const Lease*> by_name;
  for (const Lease& lease : *leases) by_name[lease.key.name] = &lease;
  for (const IpAddress& vip : vips) {
    {
      const std::lock_guard lock(mutex_);
      if (claimed_.contains(vip)) continue;
    }
    const auto found = by_name.find(ways_.name_of(vip));
    ways_.seen(vip, found == by_name.end() ? nullptr : found->second);
  }
}

}  // namespace lvs
