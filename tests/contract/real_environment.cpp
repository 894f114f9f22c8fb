#include "tests/contract/real_environment.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "agent/kernel/linux_kernel.h"

namespace lvs::testing {
namespace {

// The calling thread is in a new namespace from here until this object ends.
class FreshNamespace {
 public:
  FreshNamespace() : before_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    if (before_ < 0 || unshare(CLONE_NEWNET) != 0) {
      ADD_FAILURE() << "new network namespace: " << std::strerror(errno);
    }
    run("ip link set lo up");
    run(std::string("ip link add ") + kUplink + " type veth peer name peer0");
    run(std::string("ip link set ") + kUplink + " up");
    run("ip link set peer0 up");
  }
  ~FreshNamespace() {
    if (setns(before_, CLONE_NEWNET) != 0) ADD_FAILURE() << "setns: " << std::strerror(errno);
    close(before_);
  }
  FreshNamespace(const FreshNamespace&) = delete;
  FreshNamespace& operator=(const FreshNamespace&) = delete;

 private:
  int before_;
};

class RealEnvironment final : public KernelEnvironment {
 public:
  Kernel& kernel() override { return kernel_; }
  void put_foreign_service(const ServiceKey& key, const std::string& scheduler) override {
    const bool marked = key.firewall_mark != 0;
    run("ipvsadm -A " +
        (marked ? "-f " + std::to_string(key.firewall_mark)
                : "-t " + to_string(DestinationKey{key.address, key.port})) +
        " -s " + scheduler);
  }
  void put_foreign_address(const IpAddress& address, int prefix_length,
                           const std::string& interface) override {
    run("ip addr add " + address.to_string() + "/" + std::to_string(prefix_length) + " dev " +
        interface + (address.family() == Family::kV6 ? " nodad" : ""));
  }
  void put_route(const IpNetwork& network, const std::optional<IpAddress>& gateway) override {
    run("ip route add " + network.to_string() +
        (gateway ? " via " + gateway->to_string() : std::string()) + " dev " + kUplink);
  }
  void set_all_arp(int ignore, int announce) override {
    run("sysctl -w net.ipv4.conf.all.arp_ignore=" + std::to_string(ignore) +
        " net.ipv4.conf.all.arp_announce=" + std::to_string(announce));
  }
  std::string table() override { return run("ipvsadm -Sn"); }
  std::string ruleset() override { return run("nft list ruleset"); }

 private:
  FreshNamespace namespace_;
  LinuxKernel kernel_;
};

}  // namespace

bool real_kernel_wanted() {
  const char* wanted = std::getenv("LVS_CONTRACT_REAL_KERNEL");
  return wanted != nullptr && std::string(wanted) == "1";
}

std::unique_ptr<KernelEnvironment> make_real_environment() {
  return std::make_unique<RealEnvironment>();
}

std::vector<EnvironmentKind> only_real_kinds() {
  auto kinds = environment_kinds();
  std::erase_if(kinds, [](const EnvironmentKind& kind) { return kind.name == "Fake"; });
  return kinds;
}

std::string run(const std::string& command) {
  std::string output;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << command << ": " << std::strerror(errno);
    return output;
  }
  std::array<char, 4096> chunk{};
  while (const auto got = fread(chunk.data(), 1, chunk.size(), pipe)) {
    output.append(chunk.data(), got);
  }
  if (const int status = pclose(pipe); status != 0) {
    ADD_FAILURE() << command << " ended with " << status << ": " << output;
  }
  return output;
}

}  // namespace lvs::testing
