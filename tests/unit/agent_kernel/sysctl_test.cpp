#include "agent/kernel/sysctl.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace lvs {
namespace {

// A folder that looks like /proc/sys/net.
class SysctlFolder : public ::testing::Test {
 protected:
  SysctlFolder() {
    std::string pattern = ::testing::TempDir() + "lvs-sysctl.XXXXXX";
    root_ = mkdtemp(pattern.data());
    for (const char* interface : {"all", "default", "lo", "eth0"}) {
      std::filesystem::create_directories(root_ / "ipv4/conf" / interface);
      set(interface, "arp_ignore", "0");
      set(interface, "arp_announce", "0");
    }
  }
  ~SysctlFolder() override { std::filesystem::remove_all(root_); }

  void set(const std::string& interface, const std::string& name, const std::string& value) {
    std::ofstream(root_ / "ipv4/conf" / interface / name) << value << "\n";
  }
  std::string get(const std::string& interface, const std::string& name) {
    std::string value;
    std::ifstream(root_ / "ipv4/conf" / interface / name) >> value;
    return value;
  }
  [[nodiscard]] ArpSysctl sysctl() const { return ArpSysctl(root_.string()); }

  std::filesystem::path root_;
};

ObservedLink link(const std::string& name, bool loopback = false) {
  ObservedLink result;
  result.name = name;
  result.loopback = loopback;
  return result;
}

TEST_F(SysctlFolder, ReadsEachLinkAndAll) {
  set("all", "arp_ignore", "3");
  set("eth0", "arp_announce", "2");
  const std::vector<ObservedArp> expected{{"eth0", 0, 2, 3, 0}};
  EXPECT_EQ(sysctl().read({link("lo", true), link("eth0"), link("gone0")}), expected);
}

TEST_F(SysctlFolder, WritesOneInterfaceOnly) {
  EXPECT_EQ(sysctl().write({"eth0", 1, 2}), 0);
  EXPECT_EQ(get("eth0", "arp_ignore"), "1");
  EXPECT_EQ(get("eth0", "arp_announce"), "2");
  EXPECT_EQ(get("all", "arp_ignore"), "0");
}

TEST_F(SysctlFolder, RefusesWhatIsNoInterface) {
  for (const char* name : {"all", "default", "", ".", "..", "../conf/eth0"}) {
    EXPECT_EQ(sysctl().write({name, 1, 2}), EINVAL) << name;
  }
  EXPECT_EQ(sysctl().write({"gone0", 1, 2}), ENOENT);
  EXPECT_EQ(get("all", "arp_ignore"), "0");
}

TEST_F(SysctlFolder, LeavesOutWhatCannotBeRead) {
  set("eth0", "arp_ignore", "no number");
  EXPECT_TRUE(sysctl().read({link("eth0")}).empty());
}

TEST_F(SysctlFolder, IpvsSettingsAreThoseOfTheListAndThere) {
  const IpvsSysctl ipvs(root_.string());
  EXPECT_TRUE(ipvs.read().empty()) << "ip_vs is not loaded";
  std::filesystem::create_directories(root_ / "ipv4/vs");
  std::ofstream(root_ / "ipv4/vs/sync_threshold") << "3\t50\n";
  std::ofstream(root_ / "ipv4/vs/conntrack") << "0\n";
  EXPECT_EQ(ipvs.read(), (IpvsSettings{{kSyncThreshold, "3 50"}}));
  EXPECT_EQ(ipvs.write({kSyncThreshold, "1 0"}), 0);
  EXPECT_EQ(ipvs.read(), (IpvsSettings{{kSyncThreshold, "1 0"}}));
  EXPECT_EQ(ipvs.write({"conntrack", "1"}), EINVAL);
  EXPECT_EQ(ipvs.write({"../conf/eth0/arp_ignore", "1"}), EINVAL);
  EXPECT_EQ(ipvs.write({kSloppyTcp, "1"}), ENOENT);
}

}  // namespace
}  // namespace lvs
