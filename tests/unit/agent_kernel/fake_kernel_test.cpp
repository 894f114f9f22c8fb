// The scripted faults of the fake; what it shares with the real kernel is in tests/contract.
#include "tests/support/fake_kernel.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace lvs::testing {
namespace {

const ServiceKey kWebService{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
const DestinationKey kWebServer{IpAddress::parse("192.0.2.7").value(), 80};
const std::vector<Operation> kTwo{NewService{kWebService, {"rr", 0, 0, 0}},
                                  NewDestination{kWebService, kWebServer, {}}};

TEST(FakeKernel, FailsTheOperationItWasToldTo) {
  FakeKernel kernel;
  kernel.fail_operation(1, ENOMEM);
  const auto report = kernel.apply(kTwo);
  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].index, 1U);
  EXPECT_EQ(report.failures[0].error_number, ENOMEM);
  EXPECT_EQ(kernel.table(), "-A -t 192.0.2.1:80 -s rr\n");
}

TEST(FakeKernel, CountsScriptedFaultsFromNow) {
  FakeKernel kernel;
  (void)kernel.apply(kTwo);
  kernel.fail_operation(0, EPERM);
  EXPECT_EQ(kernel.apply(std::vector<Operation>{DeleteService{kWebService}}).failures.size(), 1U);
  EXPECT_TRUE(kernel.apply(std::vector<Operation>{DeleteService{kWebService}}).failures.empty());
}

TEST(FakeKernel, LosesAnswersButDoesTheWork) {
  FakeKernel kernel;
  kernel.lose_answers_of_next_apply();
  const auto report = kernel.apply(kTwo);
  EXPECT_TRUE(report.in_doubt);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(kernel.dump_destinations(kWebService)->size(), 1U);
  EXPECT_FALSE(kernel.apply({}).in_doubt);
}

TEST(FakeKernel, BreaksOffInTheMiddle) {
  FakeKernel kernel;
  kernel.cut_next_apply_after(1);
  EXPECT_TRUE(kernel.apply(kTwo).in_doubt);
  EXPECT_TRUE(kernel.dump_destinations(kWebService)->empty());
  EXPECT_EQ(kernel.dump_services()->size(), 1U);
}

TEST(FakeKernel, FailsDumpsInOrder) {
  FakeKernel kernel;
  kernel.fail_next_dump({ErrorCode::kUnavailable, "lost"});
  EXPECT_FALSE(kernel.dump_services());
  EXPECT_TRUE(kernel.dump_services());
}

TEST(FakeKernel, CountsWhatIsAskedOfIt) {
  FakeKernel kernel;
  (void)kernel.apply(kTwo);
  (void)kernel.dump_services();
  EXPECT_EQ(kernel.operations(), kTwo);
  EXPECT_EQ(kernel.apply_calls(), 1U);
  EXPECT_EQ(kernel.service_dumps(), 1U);
  kernel.forget_history();
  EXPECT_TRUE(kernel.operations().empty());
}

TEST(FakeKernel, ForgetsASchedulerModule) {
  FakeKernel kernel;
  kernel.forget_scheduler("rr");
  EXPECT_EQ(kernel.apply(kTwo).failures.at(0).error_number, ENOENT);
}

}  // namespace
}  // namespace lvs::testing
