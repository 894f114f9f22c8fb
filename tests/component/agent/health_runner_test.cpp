// Checks on their runner: TCP, and how they go on.
#include <atomic>

#include "tests/component/agent/probing.h"

namespace lvs {
namespace {

using namespace probing;

class HealthRunnerTest : public Probing {};

TEST_F(HealthRunnerTest, TcpIsHealthyWhenAConnectionIsAccepted) {
  const Server server([](int) {});
  EXPECT_EQ(opinion_of(server.port(), check_of(TcpCheck{})).state, HealthState::kHealthy);
}

TEST_F(HealthRunnerTest, NobodyListens) {
  std::uint16_t port = 0;
  {
    port = Server([](int) {}).port();
  }
  EXPECT_EQ(opinion_of(port, check_of(TcpCheck{})),
            (HealthOpinion{HealthState::kUnhealthy, "connecting: Connection refused"}));
}

TEST_F(HealthRunnerTest, GoesOnToProbeAndTellsWhatChanges) {
  std::atomic<bool> well = true;
  const Server server([&well](int client) {
    answering(well ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 500 Oops\r\n\r\n")(client);
  });
  const SystemClock clock;
  HealthRunner runner(
      clock, {1, {}}, [this](const PoolHealthHeard& heard) { hear(heard); },
      [](const CheckedServer&, const ProbeResult&, Duration) {});
  runner.watch(kService, {{kLoopback, server.port(), check_of(HttpCheck{})}});
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
      clock, {10, {}}, [](const PoolHealthHeard&) {},
      [](const CheckedServer&, const ProbeResult&, Duration) {});
  runner.watch(kService, {{kLoopback, server.port(), check_of(HttpCheck{})}});
}

}  // namespace
}  // namespace lvs
