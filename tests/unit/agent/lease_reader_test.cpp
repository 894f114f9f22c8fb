#include "agent/lease_reader.h"

#include <atomic>
#include <chrono>
#include <map>

#include <gtest/gtest.h>

namespace lvs {
namespace {

IpAddress numbered(int number) {
  return IpAddress::parse("10.0.0." + std::to_string(number)).value();
}

class LeaseReaders : public ::testing::Test {
 protected:
  LeaseReader::Ways ways() {
    return {[this](const IpAddress& vip) {
              const std::lock_guard lock(mutex);
              single.insert(vip);
              changed.notify_all();
            },
            [this]() -> Result<std::vector<Lease>> {
              ++lists;
              if (during_list) during_list();
              return leases;
            },
            [this](const IpAddress& vip, const Lease* lease) {
              const std::lock_guard lock(mutex);
              seen[vip] = lease == nullptr ? "" : lease->holder;
              changed.notify_all();
            },
            [](const IpAddress& vip) { return vip.to_string(); }};
  }

  template <typename Condition>
  bool wait_until(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), condition);
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::set<IpAddress> single;
  std::map<IpAddress, std::string> seen;
  std::atomic<int> lists = 0;
  std::function<void()> during_list;
  std::vector<Lease> leases;
};

TEST_F(LeaseReaders, FewAreReadOneByOne) {
  LeaseReader reader(ways());
  reader.read(numbered(1));
  reader.read(numbered(2));
  EXPECT_TRUE(wait_until([&] { return single.size() == 2; }));
  EXPECT_EQ(lists, 0);
}

TEST_F(LeaseReaders, ManyAreReadInAListWhichMayBeOlderThanAClaim) {
  Lease lease;
  lease.key.name = numbered(7).to_string();
  lease.holder = "director-1";
  leases = {lease};
  LeaseReader* reader = nullptr;
  bool entered = false;
  bool blocked = true;
  LeaseReader::Ways slow = ways();
  slow.read_one = [&](const IpAddress&) {  // until all others are asked for
    std::unique_lock lock(mutex);
    entered = true;
    changed.notify_all();
    changed.wait(lock, [&] { return !blocked; });
  };
  during_list = [&] { reader->claim_begins(numbered(8)); };
  LeaseReader real(std::move(slow));
  reader = &real;
  real.read(numbered(1));
  ASSERT_TRUE(wait_until([&] { return entered; }));
  for (int i = 2; i <= 30; ++i) real.read(numbered(i));
  real.claim_begins(numbered(9));
  {
    const std::lock_guard lock(mutex);
    blocked = false;
    changed.notify_all();
  }
  ASSERT_TRUE(wait_until([&] { return seen.contains(numbered(30)); }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(lists, 1);
  EXPECT_EQ(seen.at(numbered(7)), "director-1");
  EXPECT_EQ(seen.at(numbered(10)), "") << "there is none";
  EXPECT_FALSE(seen.contains(numbered(8)));
  EXPECT_FALSE(seen.contains(numbered(9)));
}

}  // namespace
}  // namespace lvs
