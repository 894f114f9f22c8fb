// The kernels that the contract suite runs against: the fake one always, the real one where the
// environment says so (LVS_CONTRACT_REAL_KERNEL=1; needs root and ip_vs), each test in a fresh
// network namespace.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/kernel/kernel.h"

namespace lvs::testing {

// The interface that every environment has beside lo.
inline constexpr const char* kUplink = "uplink0";

class KernelEnvironment {
 public:
  virtual ~KernelEnvironment() = default;
  virtual Kernel& kernel() = 0;

  // As an administrator would, past our own code: ipvsadm, ip, sysctl.
  virtual void put_foreign_service(const ServiceKey& key, const std::string& scheduler) = 0;
  virtual void put_foreign_address(const IpAddress& address, int prefix_length,
                                   const std::string& interface) = 0;
  // Of the uplink; without a gateway: everything there is a neighbour.
  virtual void put_route(const IpNetwork& network, const std::optional<IpAddress>& gateway) = 0;
  virtual void set_all_arp(int ignore, int announce) = 0;
  // The table as `ipvsadm -Sn` prints it, by an independent witness where there is one.
  [[nodiscard]] virtual std::string table() = 0;
  // As `nft list ruleset` prints it; nothing where there is no nftables.
  [[nodiscard]] virtual std::string ruleset() { return {}; }
};

struct EnvironmentKind {
  std::string name;
  std::unique_ptr<KernelEnvironment> (*make)() = nullptr;
};
[[nodiscard]] const std::vector<EnvironmentKind>& environment_kinds();

// The name of a case is the environment's: Fake or Linux.
[[nodiscard]] std::string environment_name(const ::testing::TestParamInfo<EnvironmentKind>& info);

// A fresh environment for each case.
class KernelContract : public ::testing::TestWithParam<EnvironmentKind> {
 protected:
  KernelContract() : environment_(GetParam().make()) {}

  [[nodiscard]] Kernel& kernel() { return environment_->kernel(); }
  [[nodiscard]] KernelEnvironment& environment() { return *environment_; }

  // Every operation must succeed.
  void apply(const std::vector<Operation>& operations);
  // Exactly one operation, which must be refused with this errno.
  Error refuse(const Operation& operation, int error_number);
  [[nodiscard]] std::vector<ObservedService> read_services();
  // With destinations.
  [[nodiscard]] ObservedService read_service(const ServiceKey& key);
  [[nodiscard]] ObservedNetwork read_network();
  // Our own reading of the table as text must be the witness's, line by line in any order.
  void expect_witness_agrees();

 private:
  std::unique_ptr<KernelEnvironment> environment_;
};

[[nodiscard]] IpAddress ip(const char* text);
[[nodiscard]] ServiceKey service_key(const char* address, Protocol protocol = Protocol::kTcp,
                                     std::uint16_t port = 80);
[[nodiscard]] ServiceKey mark_key(std::uint32_t mark, Family family);
[[nodiscard]] DestinationKey server(const char* address, std::uint16_t port = 80);

}  // namespace lvs::testing
