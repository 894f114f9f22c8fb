// A paused service, from the resource to the kernel: nothing happens to what the kernel has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/planner.h"
#include "core/realise.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::ip;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ServiceKey kPaused{ip("192.0.2.100"), Protocol::kTcp, 80, 0};

DesiredService desired_of(bool paused) {
  testing::Cluster cluster;
  cluster.put(testing::node("director-1", "192.0.2.10", true));
  auto service = testing::virtual_service("web", "192.0.2.100");
  service.spec.paused = paused;
  cluster.put(service);
  auto server = testing::real_server("rs-1", "web", "", 5);
  server.spec.address = ip("192.0.2.21");
  cluster.put(server);
  Planner planner({1, false});
  cluster.plan_with(planner);
  return realise_service(kPaused, *planner.plans().at("director-1").plan().services.at(kPaused));
}

ObservedService observed() {
  ObservedService service;
  service.key = kPaused;
  service.config.scheduler = "rr";
  service.owned = true;
  service.destinations = {{{ip("192.0.2.99"), 80}, {}, {}, {}}};
  return service;
}

TEST(Paused, LeavesTheKernelAsItIs) {
  DrainLedger drains;
  const auto kernel = observed();
  const auto running = desired_of(false);
  EXPECT_FALSE(diff_service(&running, &kernel, drains, TimePoint()).empty());
  const auto paused = desired_of(true);
  EXPECT_THAT(diff_service(&paused, &kernel, drains, TimePoint()), IsEmpty());
}

TEST(Paused, IsProgrammedWhereTheKernelHasNothing) {
  DrainLedger drains;
  const auto paused = desired_of(true);
  EXPECT_FALSE(diff_service(&paused, nullptr, drains, TimePoint()).empty());
}

}  // namespace
}  // namespace lvs
