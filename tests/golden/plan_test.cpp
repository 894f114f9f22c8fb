// From manifests (and what the nodes report) to what each node is asked to do, as text that an LVS
// administrator can review. One folder of tests/golden/cases per case:
//   manifests.yaml   the resources
//   reports.txt      a line per node that has reported: NODE prepared|unprepared VIP...
//   expected.txt     written anew by UPDATE_GOLDEN=1
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/yaml.h"
#include "core/format.h"
#include "core/planner.h"
#include "core/realise.h"

namespace lvs {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(LVS_SOURCE_DIR) / "tests" / "golden" / "cases";

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

template <typename Object>
void put(Objects<Object>& objects, const Object& object) {
  objects[object.meta.key] = std::make_shared<const Object>(object);
}

void read_manifests(const fs::path& folder, ClusterSnapshot& snapshot) {
  const auto parsed = parse_manifest(read_file(folder / "manifests.yaml"), "manifests.yaml");
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem.error.message;
  for (const auto& resource : parsed.resources) {
    if (const auto* service = std::get_if<VirtualService>(&resource)) {
      put(snapshot.virtual_services, *service);
    } else if (const auto* server = std::get_if<RealServer>(&resource)) {
      put(snapshot.real_servers, *server);
    } else {
      put(snapshot.nodes, std::get<Node>(resource));
    }
  }
}

// Where the node's real server is reached.
std::optional<IpAddress> server_address(const ClusterSnapshot& snapshot, const std::string& node,
                                        Family family) {
  for (const auto& [key, server] : snapshot.real_servers) {
    const auto& address = server->spec.address;
    if (server->spec.node_name == node && address && address->family() == family) return address;
  }
  const auto found = snapshot.nodes.find({"", node});
  return found == snapshot.nodes.end() ? std::nullopt : found->second->internal_ip(family);
}

void read_reports(const fs::path& folder, ClusterSnapshot& snapshot) {
  std::istringstream lines(read_file(folder / "reports.txt"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    NodeStatus report;
    std::string state;
    words >> report.node >> state;
    for (std::string vip; words >> vip;) {
      const auto address = IpAddress::parse(vip).value();
      report.backends.push_back({address, state == "prepared", "", "",
                                 server_address(snapshot, report.node, address.family())});
    }
    const std::string name = report.node;
    snapshot.reports[name] = std::make_shared<const NodeStatus>(std::move(report));
  }
}

void describe(const NodePlan& plan, std::ostream& out) {
  out << "# " << plan.node << "\n";
  for (const auto& [vip, planned] : plan.vips) {
    out << "vip " << vip.to_string();
    if (!planned.interface.empty()) out << " dev " << planned.interface;
    out << " candidates";
    for (const auto& name : planned.candidates) out << " " << name;
    out << "\n";
  }
  for (const auto& [key, service] : plan.services) {
    const std::vector<DesiredService> table{realise_service(key, *service)};
    out << format_table(table);
    for (const auto& destination : service->destinations) {
      if (destination.admission != Admission::kKeep) continue;
      out << "the kernel's weight is kept: " << to_string(destination.key) << "\n";
    }
  }
  for (const auto& [vip, backend] : plan.backends) {
    out << "backend " << vip.to_string() << " at " << backend.server_address.to_string() << " "
        << to_string(backend.forwarding) << "\n";
  }
}

std::string plan_of(const fs::path& folder) {
  ClusterSnapshot snapshot;
  read_manifests(folder, snapshot);
  read_reports(folder, snapshot);
  resolve_forced(snapshot, WallTime{});
  Planner planner({1, false});
  planner.update(snapshot, {});
  std::ostringstream text;
  for (const auto& [name, plan] : planner.plans()) describe(plan.plan(), text);
  const auto diagnostics = planner.all_diagnostics();
  if (!diagnostics.empty()) text << "# diagnostics\n";
  for (const auto& diagnostic : diagnostics) {
    text << (diagnostic.severity == Severity::kError ? "error " : "warning ") << diagnostic.reason
         << " " << to_string(diagnostic) << "\n";
  }
  return text.str();
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Plans : public testing::TestWithParam<std::string> {};

TEST_P(Plans, AreAsReviewed) {
  const fs::path folder = kCases / GetParam();
  const std::string text = plan_of(folder);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(folder / "expected.txt") << text;
  EXPECT_EQ(text, read_file(folder / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(Cases, Plans, testing::ValuesIn(case_names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace lvs
