// 50,000 bad datagrams a second: the peers are still heard, and it costs little.
#include <atomic>
#include <ctime>
#include <thread>

#include <gtest/gtest.h>

#include "tests/component/agent_election/port_harness.h"
#include "tests/component/operator/eventually.h"

namespace lvs {
namespace {

using testing::Director;
using testing::KeyFile;
using testing::kKey;
using testing::kOtherKey;
using testing::Outsider;
using testing::sealed;
using Trouble = HeartbeatTrouble;

constexpr int kPerSecond = 50'000;
constexpr std::chrono::seconds kLasts{2};

double process_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double thread_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

struct Flood {
  std::uint64_t sent = 0;
  double own_seconds = 0;  // of sending
};

Flood pour(Outsider& from, const Datagram& datagram, const Director& onto) {
  Flood flood;
  const double before = thread_seconds();
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < start + kLasts) {
    const auto since = std::chrono::duration<double>(std::chrono::steady_clock::now() - start);
    const auto due = static_cast<std::uint64_t>(since.count() * kPerSecond);
    for (; flood.sent < due; ++flood.sent) from.send(datagram, onto);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  flood.own_seconds = thread_seconds() - before;
  return flood;
}

class Floods : public ::testing::Test {
 protected:
  Floods() {
    a_.meet({&b_});
    b_.meet({&a_});
  }

  void run(const std::string& from, const Datagram& datagram) {
    ASSERT_TRUE(beat_until_they_meet(a_, b_));
    const std::size_t before = a_.heard();
    const double cpu_before = process_seconds();
    Outsider attacker(from);
    Flood flood;
    std::atomic<bool> over = false;
    std::thread pouring([&] {
      flood = pour(attacker, datagram, a_);
      over = true;
    });
    std::size_t beats = 0;
    for (; !over; ++beats) {
      b_.beat();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    pouring.join();
    report(flood, process_seconds() - cpu_before);
    // One may be lost to a machine that is busy with everything else.
    EXPECT_GE(a_.heard() - before + 1, beats);
    EXPECT_TRUE(beat_until_they_meet(a_, b_));
  }

  void report(const Flood& flood, double cpu) {
    const auto refused = a_.troubles(Trouble::kTooMany) + a_.troubles(Trouble::kBadMac);
    RecordProperty("sent", std::to_string(flood.sent));
    RecordProperty("refused", std::to_string(refused));
    const double each = (cpu - flood.own_seconds) / static_cast<double>(refused) * 1e6;
    RecordProperty("microseconds_for_each", std::to_string(each));
    std::printf("%lu sent, %lu refused (%lu after an HMAC), %.2f us of CPU for each\n", flood.sent,
                refused, a_.troubles(Trouble::kBadMac), each);
    EXPECT_GT(refused, flood.sent / 2);
    EXPECT_LT(a_.troubles(Trouble::kBadMac), flood.sent / 10);
  }

  KeyFile key_{kKey};
  Director a_{"a", key_.path(), "127.0.0.1"};
  Director b_{"b", key_.path(), "127.0.0.2"};
};

TEST_F(Floods, OfAStranger) { run("127.0.0.9", sealed(b_.next(), kOtherKey)); }

TEST_F(Floods, InAPeersName) {
  Heartbeat forged = b_.next();
  forged.boot = 666;
  run("127.0.0.2", sealed(forged, kOtherKey));
}

}  // namespace
}  // namespace lvs
