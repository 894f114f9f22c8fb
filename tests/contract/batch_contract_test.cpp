// What every Kernel does with many operations at once.
#include <cerrno>

#include <gtest/gtest.h>

#include "tests/contract/kernel_environment.h"

namespace lvs::testing {
namespace {

class BatchContract : public KernelContract {};

IpAddress numbered(std::size_t n) {
  return IpAddress(Family::kV4, {10, static_cast<std::uint8_t>(n >> 16),
                                 static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
}

DestinationKey nth_server(std::size_t n) { return {numbered(n + 1), 80}; }

TEST_P(BatchContract, AppliesNothingOfNothing) {
  const auto report = kernel().apply({});
  EXPECT_TRUE(report.failures.empty());
  EXPECT_FALSE(report.in_doubt);
}

// Every 100th operation is refused, and so are the first and the last; what stands between is done.
TEST_P(BatchContract, ReportsEachFailureAndDoesTheRest) {
  constexpr std::size_t kCount = 5'000;
  const auto key = service_key("192.0.2.1");
  const auto nowhere = service_key("192.0.2.2");
  std::vector<Operation> operations{SetService{nowhere, {"rr", 0, 0, 0}},
                                    NewService{key, {"", 0, 0, 0}}};
  std::vector<std::pair<std::size_t, int>> expected{{0, ESRCH}};
  for (std::size_t i = operations.size(); i < kCount - 1; ++i) {
    if (i % 100 == 0) {
      operations.push_back(DeleteDestination{key, nth_server(900'000 + i)});
      expected.emplace_back(i, ENOENT);
    } else {
      operations.push_back(NewDestination{key, nth_server(i), {}});
    }
  }
  operations.push_back(NewDestination{key, nth_server(2), {}});
  expected.emplace_back(operations.size() - 1, EEXIST);

  const auto report = kernel().apply(operations);
  EXPECT_FALSE(report.in_doubt);
  std::vector<std::pair<std::size_t, int>> refused;
  for (const auto& failure : report.failures) {
    refused.emplace_back(failure.index, failure.error_number);
  }
  EXPECT_EQ(refused, expected);
  const std::size_t made = kCount - 1 - expected.size();
  EXPECT_EQ(kernel().dump_destinations(key).value().size(), made);
}

TEST_P(BatchContract, SurvivesABatchThatFailsEntirely) {
  const auto nowhere = service_key("192.0.2.1");
  const std::vector<Operation> operations(10'000, DeleteService{nowhere});
  const auto report = kernel().apply(operations);
  EXPECT_FALSE(report.in_doubt);
  ASSERT_EQ(report.failures.size(), operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    ASSERT_EQ(report.failures[i].index, i);
    ASSERT_EQ(report.failures[i].error_number, ESRCH);
  }
  // And the one after it is understood.
  apply({NewService{nowhere, {"rr", 0, 0, 0}}});
}

TEST_P(BatchContract, DumpsALargePoolWhole) {
  constexpr std::size_t kCount = 3'000;
  const auto key = service_key("2001:db8::1", Protocol::kUdp, 53);
  std::vector<Operation> operations{NewService{key, {"", 0, 0, 0}}};
  for (std::size_t i = 0; i < kCount; ++i) {
    IpAddress::Bytes bytes = ip("2001:db8:1::").bytes();
    bytes[14] = static_cast<std::uint8_t>((i + 1) >> 8);
    bytes[15] = static_cast<std::uint8_t>(i + 1);
    const auto weight = static_cast<std::uint32_t>(i);
    operations.push_back(NewDestination{key,
                                        {IpAddress(Family::kV6, bytes), 53},
                                        {ForwardingMethod::kDirectRouting, weight, 0, 0}});
  }
  apply(operations);
  const auto destinations = kernel().dump_destinations(key).value();
  ASSERT_EQ(destinations.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(destinations[i].config.weight, i);
}

TEST_P(BatchContract, DumpsManyServices) {
  std::vector<Operation> operations;
  for (std::uint16_t port = 1; port <= 2'000; ++port) {
    operations.push_back(
        NewService{service_key("192.0.2.1", Protocol::kTcp, port), {"rr", 0, 0, 0}});
  }
  apply(operations);
  const auto services = read_services();
  ASSERT_EQ(services.size(), operations.size());
  for (std::size_t i = 0; i < services.size(); ++i) EXPECT_EQ(services[i].key.port, i + 1);
}

// The order given is the order done, also where a change list goes from one subsystem to another.
TEST_P(BatchContract, GoesThroughSubsystemsInOrder) {
  const auto key = service_key("192.0.2.1");
  const std::vector<Operation> operations{
      NewService{key, {"rr", 0, 0, 0}},
      SetArp{kUplink, 1, 2},
      SetArp{"nosuch0", 1, 2},
      AddAddress{ip("192.0.2.1"), "lo", VipScope::kLoopback, 0},
      AddAddress{ip("192.0.2.1"), "nosuch0", VipScope::kUplink, 0},
      DeleteAddress{ip("192.0.2.1"), "lo"},
      DeleteAddress{ip("192.0.2.1"), "lo"},
      DeleteService{key},
      DeleteService{key},
  };
  const auto report = kernel().apply(operations);
  std::vector<std::pair<std::size_t, int>> refused;
  for (const auto& failure : report.failures) {
    refused.emplace_back(failure.index, failure.error_number);
  }
  const std::vector<std::pair<std::size_t, int>> expected{
      {2, ENOENT}, {4, ENODEV}, {6, EADDRNOTAVAIL}, {8, ESRCH}};
  EXPECT_EQ(refused, expected);
  EXPECT_TRUE(read_services().empty());
}

INSTANTIATE_TEST_SUITE_P(Kernel, BatchContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
