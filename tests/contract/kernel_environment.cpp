#include "tests/contract/kernel_environment.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "core/format.h"
#include "tests/contract/real_environment.h"
#include "tests/support/fake_kernel.h"

namespace lvs::testing {
namespace {

class FakeEnvironment final : public KernelEnvironment {
 public:
  FakeEnvironment() { kernel_.add_link(kUplink); }

  Kernel& kernel() override { return kernel_; }
  void put_foreign_service(const ServiceKey& key, const std::string& scheduler) override {
    kernel_.put_foreign_service(key, {scheduler, 0, 0, 0});
  }
  void put_foreign_address(const IpAddress& address, int prefix_length,
                           const std::string& interface) override {
    kernel_.put_foreign_address(address, prefix_length, interface);
  }
  void put_route(const IpNetwork& network, const std::optional<IpAddress>& gateway) override {
    if (!gateway) kernel_.add_direct_route(network);
  }
  void set_all_arp(int ignore, int announce) override { kernel_.set_all_arp(ignore, announce); }
  std::string table() override { return kernel_.table(); }

 private:
  FakeKernel kernel_;
};

std::unique_ptr<KernelEnvironment> make_fake() { return std::make_unique<FakeEnvironment>(); }

// Says so once where the real kernel is left out; a listing of the cases stays clean.
class Notice final : public ::testing::Environment {
 public:
  void SetUp() override {
    if (real_kernel_wanted()) return;
    std::fputs("contract: fake kernel only; LVS_CONTRACT_REAL_KERNEL=1 adds the real one\n",
               stderr);
  }
};
const auto* const kNotice = ::testing::AddGlobalTestEnvironment(new Notice);

// Without thresholds: `ipvsadm -S` does not save them.
std::vector<std::string> sorted_lines(const std::string& text) {
  static const std::regex kThresholds(" -[xy] [0-9]+");
  std::vector<std::string> lines;
  std::istringstream stream(std::regex_replace(text, kThresholds, ""));
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace

const std::vector<EnvironmentKind>& environment_kinds() {
  static const auto kKinds = [] {
    std::vector<EnvironmentKind> kinds{{"Fake", make_fake}};
    if (real_kernel_wanted()) kinds.push_back({"Linux", make_real_environment});
    return kinds;
  }();
  return kKinds;
}

std::string environment_name(const ::testing::TestParamInfo<EnvironmentKind>& info) {
  return info.param.name;
}

void KernelContract::apply(const std::vector<Operation>& operations) {
  const auto report = kernel().apply(operations);
  EXPECT_FALSE(report.in_doubt);
  for (const auto& failure : report.failures) {
    ADD_FAILURE() << failure.index << ": " << failure.error.message;
  }
}

Error KernelContract::refuse(const Operation& operation, int error_number) {
  const auto report = kernel().apply(std::span(&operation, 1));
  EXPECT_FALSE(report.in_doubt);
  if (report.failures.size() != 1) {
    ADD_FAILURE() << "not refused: " << format(operation);
    return {};
  }
  EXPECT_EQ(report.failures[0].error_number, error_number) << report.failures[0].error.message;
  return report.failures[0].error;
}

std::vector<ObservedService> KernelContract::read_services() {
  auto services = kernel().dump_services();
  if (!services) ADD_FAILURE() << services.error().message;
  return services.value_or(std::vector<ObservedService>{});
}

ObservedService KernelContract::read_service(const ServiceKey& key) {
  auto destinations = kernel().dump_destinations(key);
  if (!destinations) ADD_FAILURE() << destinations.error().message;
  for (ObservedService service : read_services()) {
    if (service.key != key) continue;
    if (destinations) service.destinations = *destinations;
    return service;
  }
  ADD_FAILURE() << "no service " << to_string(key);
  return {};
}

ObservedNetwork KernelContract::read_network() {
  auto network = kernel().dump_network();
  if (!network) ADD_FAILURE() << network.error().message;
  return network.value_or(ObservedNetwork{});
}

void KernelContract::expect_witness_agrees() {
  auto services = read_services();
  for (auto& service : services) {
    service.destinations = kernel().dump_destinations(service.key).value();
  }
  EXPECT_EQ(sorted_lines(format_table(services)), sorted_lines(environment().table()));
}

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

ServiceKey service_key(const char* address, Protocol protocol, std::uint16_t port) {
  return {ip(address), protocol, port, 0};
}

ServiceKey mark_key(std::uint32_t mark, Family family) {
  return {IpAddress(family, {}), Protocol::kTcp, 0, mark};
}

DestinationKey server(const char* address, std::uint16_t port) { return {ip(address), port}; }

}  // namespace lvs::testing
