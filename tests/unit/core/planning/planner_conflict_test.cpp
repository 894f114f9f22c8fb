// What cannot be had: refused for the one object, with a reason, and nothing else touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/planner.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ip;
using ::testing::IsEmpty;
using testing::node;
using testing::real_server;
using ::testing::SizeIs;
using testing::virtual_service;

class ConflictTest : public ::testing::Test {
 protected:
  ConflictTest() {
    cluster.put(node("director-1", "192.0.2.10", true));
    cluster.put(node("server-1", "192.0.2.21"));
    put_service("web", "192.0.2.100", 80, 100);
    cluster.put(real_server("rs-1", "web", "server-1"));
  }

  void put_service(const std::string& name, const std::string& vip, std::uint16_t port,
                   std::int64_t created) {
    auto service = virtual_service(name, vip, port);
    service.meta.created = created;
    if (port == 0) service.spec.persistence.emplace();
    cluster.put(service);
  }
  void update() { cluster.plan_with(planner); }
  Diagnostics of_service(const std::string& name) {
    return planner.diagnostics_of(Kind::kVirtualService, {"shop", name});
  }
  Diagnostics of_server(const std::string& name) {
    return planner.diagnostics_of(Kind::kRealServer, {"shop", name});
  }
  const NodePlan& director() { return planner.plans().at("director-1").plan(); }
  const ObjectKey& owner(const std::string& vip, std::uint16_t port) {
    return director().services.at({ip(vip), Protocol::kTcp, port, 0})->header.virtual_service;
  }

  Cluster cluster;
  Planner planner{PlannerOptions{1, false}};
};

::testing::Matcher<Diagnostic> says(Severity severity, const std::string& reason) {
  return ::testing::AllOf(::testing::Field(&Diagnostic::severity, severity),
                          ::testing::Field(&Diagnostic::reason, reason));
}

TEST_F(ConflictTest, TheOlderServiceHasThePortAndBothSaySo) {
  put_service("copy", "192.0.2.100", 80, 50);
  update();
  EXPECT_EQ(owner("192.0.2.100", 80).name, "copy");
  EXPECT_THAT(of_service("web"), ElementsAre(says(Severity::kError, "VIPPortConflict")));
  EXPECT_THAT(of_service("copy"), ElementsAre(says(Severity::kWarning, "VIPPortConflict"),
                                              says(Severity::kWarning, "NoRealServers")));
  EXPECT_THAT(of_service("web")[0].message, HasSubstr("the older VirtualService shop/copy"));
  EXPECT_EQ(of_service("web")[0].field, "spec.ports[0]");
}

TEST_F(ConflictTest, OfEqualAgeTheFirstByNameWins) {
  put_service("abc", "192.0.2.100", 80, 100);
  update();
  EXPECT_EQ(owner("192.0.2.100", 80).name, "abc");
}

TEST_F(ConflictTest, TheLoserTakesOverWhenTheWinnerGoes) {
  put_service("copy", "192.0.2.100", 80, 50);
  update();
  cluster.remove_service("copy");
  update();
  EXPECT_EQ(owner("192.0.2.100", 80).name, "web");
  EXPECT_THAT(of_service("web"), IsEmpty());
}

TEST_F(ConflictTest, TheSamePortOfAnotherProtocolIsNone) {
  auto udp = virtual_service("udp", "192.0.2.100", 80);
  udp.spec.ports[0].protocol = Protocol::kUdp;
  cluster.put(udp);
  update();
  EXPECT_THAT(of_service("web"), IsEmpty());
  EXPECT_THAT(director().services, SizeIs(2));
}

TEST_F(ConflictTest, EveryPortMeetsEachPort) {
  put_service("all", "192.0.2.100", 0, 200);
  put_service("mail", "192.0.2.100", 25, 300);
  update();
  EXPECT_THAT(of_service("all"), ElementsAre(says(Severity::kError, "VIPPortConflict")));
  EXPECT_EQ(owner("192.0.2.100", 25).name, "mail");
  cluster.remove_service("web");
  update();
  EXPECT_EQ(owner("192.0.2.100", 0).name, "all");
  EXPECT_THAT(of_service("mail"), ElementsAre(says(Severity::kError, "VIPPortConflict")));
}

TEST_F(ConflictTest, WhoLosesOneVipLeavesTheOtherFree) {
  auto dual = virtual_service("dual", "192.0.2.100");
  dual.spec.vips.push_back(ip("2001:db8::100"));
  dual.meta.created = 200;
  cluster.put(dual);
  put_service("six", "2001:db8::100", 80, 300);
  update();
  EXPECT_EQ(owner("2001:db8::100", 80).name, "six");
  EXPECT_THAT(of_service("dual"), ElementsAre(says(Severity::kError, "VIPPortConflict")));
}

TEST_F(ConflictTest, TheOlderServiceDecidesOnDirectorsAndInterface) {
  auto other = virtual_service("mail", "192.0.2.100", 25);
  other.meta.created = 200;
  other.spec.interface = "eth7";
  cluster.put(other);
  update();
  EXPECT_THAT(of_service("mail"), ElementsAre(says(Severity::kError, "VIPDirectorsConflict")));
  EXPECT_EQ(of_service("mail")[0].field, "spec.interface");
  other.spec.interface.clear();
  other.spec.directors.preferred = {"director-1"};
  cluster.put(other);
  update();
  EXPECT_EQ(of_service("mail")[0].field, "spec.directors");
  EXPECT_THAT(director().services, SizeIs(1));
}

TEST_F(ConflictTest, AVipThatIsTheAddressOfANodeIsRefused) {
  update();
  cluster.put(node("late", "192.0.2.100"));
  update();
  EXPECT_THAT(of_service("web"), ElementsAre(says(Severity::kError, "VIPIsNodeAddress")));
  EXPECT_THAT(of_service("web")[0].message, HasSubstr("Node late"));
  EXPECT_THAT(director().services, IsEmpty());
  EXPECT_THAT(director().vips, IsEmpty());
  cluster.remove_node("late");
  update();
  EXPECT_THAT(of_service("web"), IsEmpty());
  EXPECT_THAT(director().services, SizeIs(1));
}

TEST_F(ConflictTest, AVipThatIsTheAddressOfARealServerIsRefused) {
  auto server = real_server("rs-2", "other", "");
  server.spec.address = ip("192.0.2.100");
  cluster.put(server);
  update();
  EXPECT_THAT(of_service("web")[0].message, HasSubstr("RealServer shop/rs-2"));
  server.spec.address = ip("192.0.2.99");
  cluster.put(server);
  update();
  EXPECT_THAT(of_service("web"), IsEmpty());
}

TEST_F(ConflictTest, WithoutDirectorNothingIsProgrammed) {
  cluster.put(node("director-1", "192.0.2.10", false));
  update();
  EXPECT_THAT(of_service("web"), ElementsAre(says(Severity::kError, "NoDirector")));
  cluster.put(node("director-1", "192.0.2.10", true));
  update();
  EXPECT_THAT(of_service("web"), IsEmpty());
  auto service = virtual_service("web", "192.0.2.100");
  service.spec.directors.node_selector.match_labels = {{"rack", "a"}};
  cluster.put(service);
  update();
  EXPECT_EQ(of_service("web")[0].field, "spec.directors.nodeSelector");
  EXPECT_THAT(director().services, IsEmpty());
}

TEST_F(ConflictTest, WithoutRealServersItIsProgrammedEmpty) {
  cluster.remove_server("rs-1");
  update();
  EXPECT_THAT(of_service("web"), ElementsAre(says(Severity::kWarning, "NoRealServers")));
  EXPECT_THAT(director().services, SizeIs(1));
  EXPECT_THAT(director().vips, SizeIs(1));
}

TEST_F(ConflictTest, AnUnknownNodeLeavesTheServerOut) {
  cluster.put(real_server("rs-2", "web", "server-2"));
  update();
  EXPECT_THAT(of_server("rs-2"), ElementsAre(says(Severity::kError, "UnknownNode")));
  EXPECT_THAT(of_service("web"), IsEmpty());
  EXPECT_THAT(director().services.begin()->second->destinations, SizeIs(1));
  cluster.put(node("server-2", "192.0.2.22"));
  update();
  EXPECT_THAT(of_server("rs-2"), IsEmpty());
  EXPECT_THAT(director().services.begin()->second->destinations, SizeIs(2));
}

TEST_F(ConflictTest, AServerWithoutAddressOfTheFamilyIsLeftOut) {
  auto dual = virtual_service("web", "192.0.2.100");
  dual.spec.vips.push_back(ip("2001:db8::100"));
  cluster.put(dual);
  update();
  EXPECT_THAT(of_server("rs-1"), ElementsAre(says(Severity::kWarning, "NoAddressOfFamily")));
  EXPECT_THAT(of_server("rs-1")[0].message, HasSubstr("2001:db8::100"));
}

TEST_F(ConflictTest, OfTwoServersWithOneAddressTheOlderServes) {
  auto twin = real_server("rs-2", "web", "", 9);
  twin.spec.address = ip("192.0.2.21");
  twin.meta.created = 7;
  cluster.put(twin);
  update();
  EXPECT_THAT(of_server("rs-2"), ElementsAre(says(Severity::kWarning, "DuplicateAddress")));
  EXPECT_THAT(of_server("rs-1"), IsEmpty());
  EXPECT_EQ(director().services.begin()->second->destinations[0].config.weight, 1U);
  cluster.remove_server("rs-1");
  update();
  EXPECT_THAT(of_server("rs-2"), IsEmpty());
  EXPECT_EQ(director().services.begin()->second->destinations[0].config.weight, 9U);
}

TEST_F(ConflictTest, AnInvalidObjectIsLeftOutAndSaysWhy) {
  update();
  auto service = virtual_service("web", "127.0.0.1");
  cluster.put(service);
  auto server = real_server("rs-2", "web", "");
  cluster.put(server);
  update();
  EXPECT_THAT(of_service("web"), ElementsAre(says(Severity::kError, "Invalid")));
  EXPECT_THAT(of_server("rs-2"), ElementsAre(says(Severity::kError, "Invalid")));
  EXPECT_THAT(director().services, IsEmpty());
  EXPECT_THAT(planner.all_diagnostics(), SizeIs(2));
  cluster.put(virtual_service("web", "192.0.2.100"));
  server.spec.address = ip("192.0.2.33");
  cluster.put(server);
  update();
  EXPECT_THAT(planner.all_diagnostics(), IsEmpty());
  EXPECT_THAT(director().services.begin()->second->destinations, SizeIs(2));
}

}  // namespace
}  // namespace lvs
