// What every Kernel does with what probes through a VIP need of it.
#include <cerrno>

#include "tests/contract/kernel_environment.h"

namespace lvs::testing {
namespace {

class PathsContract : public KernelContract {
 protected:
  [[nodiscard]] ObservedPaths read() {
    auto paths = kernel().dump_paths();
    if (!paths) ADD_FAILURE() << paths.error().message;
    return paths.value_or(ObservedPaths{});
  }
};

constexpr std::uint32_t kMark = 0x4d0100ff;
const ServiceConfig kProbing{"rr", kFlagOnePacket | kFlagProbePath, 0, 0};

TEST_P(PathsContract, ServicesOfProbesAreReadAsTheyWereMade) {
  EXPECT_TRUE(read().services.empty());
  const ServiceKey v4 = mark_key(kMark, Family::kV4);
  const ServiceKey v6 = mark_key(kMark, Family::kV6);
  apply({NewService{v4, kProbing}, NewDestination{v4, server("192.0.2.7", 0), {}},
         NewService{v6, kProbing}, NewDestination{v6, server("2001:db8::7", 0), {}}});
  const ObservedPaths paths = read();
  ASSERT_EQ(paths.services.size(), 2U);
  EXPECT_EQ(paths.services[0].key, v4);
  EXPECT_EQ(paths.services[0].config, kProbing);
  EXPECT_TRUE(paths.services[0].owned);
  ASSERT_EQ(paths.services[0].destinations.size(), 1U);
  EXPECT_EQ(paths.services[0].destinations[0].key, server("192.0.2.7", 0));
  EXPECT_EQ(paths.services[1].key, v6);
  EXPECT_TRUE(paths.foreign_marks.empty());
}

TEST_P(PathsContract, ServicesOfProbesAreNoVirtualServices) {
  apply({NewService{mark_key(kMark, Family::kV4), kProbing},
         NewService{service_key("192.0.2.1"), {"rr", 0, 0, 0}}});
  const auto services = read_services();
  ASSERT_EQ(services.size(), 1U);
  EXPECT_EQ(services[0].key, service_key("192.0.2.1"));
}

TEST_P(PathsContract, MarksOfOthersAreNotOurs) {
  environment().put_foreign_service(mark_key(kMark, Family::kV4), "lc");
  const ObservedPaths paths = read();
  EXPECT_TRUE(paths.services.empty());
  EXPECT_EQ(paths.foreign_marks, std::set<std::uint32_t>{kMark});
  EXPECT_EQ(read_services().size(), 1U);
}

TEST_P(PathsContract, SetsAcceptLocal) {
  EXPECT_EQ(read().accept_local.at(kUplink), (ObservedAcceptLocal{0, 0}));
  EXPECT_FALSE(read().accept_local.contains("lo"));
  apply({SetAcceptLocal{kUplink, true}});
  EXPECT_EQ(read().accept_local.at(kUplink), (ObservedAcceptLocal{1, 0}));
  apply({SetAcceptLocal{kUplink, false}});
  EXPECT_EQ(read().accept_local.at(kUplink), (ObservedAcceptLocal{0, 0}));
  EXPECT_EQ(refuse(SetAcceptLocal{"nosuch0", true}, ENOENT).code, ErrorCode::kNotFound);
  for (const char* name : {"all", "default"}) refuse(SetAcceptLocal{name, true}, EINVAL);
}

INSTANTIATE_TEST_SUITE_P(Kernel, PathsContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
