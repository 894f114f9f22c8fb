// Drives one agent with synthetic plans and prints what it measured, one "name value" per line. The
// lab's benchmark (e2e/bench) runs it beside ipvsadm and keepalived in the same guest.
//
//   agent_driver table SERVICES DESTS SCHEDULER             the table as `ipvsadm -R` reads it
//   agent_driver put SERVICES DESTS SCHEDULER URL CERTS     whole plan: push to kernel complete
//   agent_driver wait SERVICES DESTS SCHEDULER URL CERTS    until the agent's kernel follows that
//   plan agent_driver weight SERVICES DESTS SCHEDULER URL CERTS  one weight of the plan that was
//   put agent_driver overtake SERVICES DESTS SCHEDULER URL CERTS  a weight while the plan is
//   programmed
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <unistd.h>

#include "core/format.h"
#include "core/plan.h"
#include "core/realise.h"
#include "http/client.h"
#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs {
namespace {

constexpr const char* kNode = "bench";
constexpr int kServicesPerVip = 250;
constexpr int kWeightChanges = 20;

struct Size {
  int services = 0;
  int destinations = 0;
  std::string scheduler;
};

IpAddress address_of(std::uint32_t host_order) {
  IpAddress::Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return {Family::kV4, bytes};
}

ServiceKey service_key(int index) {
  constexpr std::uint32_t kFirstVip = 0xc0a8c801;  // 192.168.200.1
  const auto vip = address_of(kFirstVip + static_cast<std::uint32_t>(index / kServicesPerVip));
  return {vip, Protocol::kTcp, static_cast<std::uint16_t>(1000 + index % kServicesPerVip), 0};
}

PlannedService make_service(const ServiceKey& key, int index, const Size& size) {
  constexpr std::uint32_t kFirstServer = 0x0a400001;  // 10.64.0.1
  PlannedService service;
  service.header.virtual_service = {"bench", "service-" + std::to_string(index)};
  service.header.config = {size.scheduler, 0, 0, 32};
  for (int i = 0; i < size.destinations; ++i) {
    PlannedDestination destination;
    const auto offset = static_cast<std::uint32_t>(index * size.destinations + i);
    destination.key = {address_of(kFirstServer + offset), key.port};
    destination.config.weight = static_cast<std::uint32_t>(1 + i % 10);
    service.destinations.push_back(destination);
  }
  return service;
}

NodePlan make_plan(const Size& size) {
  NodePlan plan;
  plan.node = kNode;
  plan.term = 1;
  plan.accept_mass_deletion = true;
  for (int i = 0; i < size.services; ++i) {
    const auto key = service_key(i);
    plan.vips[key.address] = {"vip0", {kNode}};
    plan.services[key] = std::make_shared<const PlannedService>(make_service(key, i, size));
  }
  return plan;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename T>
T value_or_exit(Result<T> result, const char* what) {
  if (!result) {
    std::cerr << what << ": " << result.error().message << "\n";
    std::exit(1);
  }
  return std::move(*result);
}

std::unique_ptr<HttpClient> dial(const std::string& url, const std::string& certs) {
  HttpClientOptions options;
  options.ca.file = certs + "/operator/ca.crt";
  options.certificate.file = certs + "/operator/tls.crt";
  options.key.file = certs + "/operator/tls.key";
  options.server_name = kNode;
  return value_or_exit(make_http_client(url, options), "client");
}

void wait_until_applied(AgentClient& agent, const ContentHash& hash) {
  std::optional<std::uint64_t> revision;
  for (;;) {
    const auto answer = value_or_exit(agent.status(revision), "status");
    if (answer.status.applied_plan == hash) return;
    revision = answer.revision;
  }
}

void put(AgentClient& agent, const Size& size) {
  const HashedPlan plan(make_plan(size));
  const auto body = encode(plan.plan());
  value_or_exit(agent.status(std::nullopt), "status");  // an operator's connection stands already
  const auto start = std::chrono::steady_clock::now();
  value_or_exit(agent.put_plan(body), "put");
  std::cout << "stored_seconds " << seconds_since(start) << "\n";
  wait_until_applied(agent, plan.hash());
  std::cout << "applied_seconds " << seconds_since(start) << "\n";
  std::cout << "body_bytes " << body.size() << "\n";
}

// An agent that is just starting does not answer yet.
void wait(AgentClient& agent, const Size& size) {
  const HashedPlan plan(make_plan(size));
  const auto start = std::chrono::steady_clock::now();
  while (!agent.status(std::nullopt)) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  wait_until_applied(agent, plan.hash());
  std::cout << "waited_seconds " << seconds_since(start) << "\n";
}

// Another weight for one destination of the last service: the one that would come last.
PlanPatch change_weight(HashedPlan& plan, std::uint32_t weight) {
  PlanPatch patch;
  patch.from = plan.hash();
  patch.term = plan.plan().term;
  const auto& [key, service] = *plan.plan().services.rbegin();
  auto destination = service->destinations.front();
  destination.config.weight = weight;
  patch.edits = {PutDestination{key, destination}};
  plan.apply_edits(patch.edits);
  patch.to = plan.hash();
  return patch;
}

void weight(AgentClient& agent, const Size& size) {
  HashedPlan plan(make_plan(size));
  std::vector<double> seconds;
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < kWeightChanges; ++i) {
    const auto patch = change_weight(plan, 100 + i);
    const auto body = encode(patch);
    bytes = std::max(bytes, body.size());
    const auto start = std::chrono::steady_clock::now();
    value_or_exit(agent.patch_plan(patch.from, body), "patch");
    wait_until_applied(agent, patch.to);
    seconds.push_back(seconds_since(start));
  }
  std::sort(seconds.begin(), seconds.end());
  std::cout << "weight_median_seconds " << seconds[seconds.size() / 2] << "\n";
  std::cout << "weight_worst_seconds " << seconds.back() << "\n";
  std::cout << "weight_body_bytes " << bytes << "\n";
}

bool kernel_shows_weight(const ServiceKey& key, std::uint32_t weight) {
  const auto command =
      "ipvsadm -Ln -t " + key.address.to_string() + ":" + std::to_string(key.port) + " 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return false;
  bool found = false;
  char line[256];
  const auto wanted = " " + std::to_string(weight) + " ";
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    const std::string text(line);
    found = found ||
            (text.find("Route") != std::string::npos && text.find(wanted) != std::string::npos);
  }
  pclose(pipe);
  return found;
}

void overtake(AgentClient& agent, const Size& size) {
  constexpr std::uint32_t kUnusualWeight = 777;
  HashedPlan plan(make_plan(size));
  value_or_exit(agent.put_plan(encode(plan.plan())), "put");
  const auto programming = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto patch = change_weight(plan, kUnusualWeight);
  const auto start = std::chrono::steady_clock::now();
  value_or_exit(agent.patch_plan(patch.from, encode(patch)), "patch");
  while (!kernel_shows_weight(plan.plan().services.rbegin()->first, kUnusualWeight)) {
  }
  std::cout << "overtake_seconds " << seconds_since(start) << "\n";
  wait_until_applied(agent, patch.to);
  std::cout << "overtaken_programming_seconds " << seconds_since(programming) << "\n";
}

void table(const Size& size) {
  for (const auto& [key, planned] : make_plan(size).services) {
    const std::vector<DesiredService> one{realise_service(key, *planned)};
    std::cout << format_table(one);
  }
}

int run(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: agent_driver table|put|wait|weight|overtake SERVICES DESTS SCHEDULER [URL "
                 "CERTS]\n";
    return 2;
  }
  const std::string verb = argv[1];
  const Size size{std::atoi(argv[2]), std::atoi(argv[3]), argv[4]};
  if (verb == "table") {
    table(size);
    return 0;
  }
  if (argc < 7) return 2;
  const auto http = dial(argv[5], argv[6]);
  AgentClient agent(*http);
  if (verb == "put") put(agent, size);
  if (verb == "wait") wait(agent, size);
  if (verb == "weight") weight(agent, size);
  if (verb == "overtake") overtake(agent, size);
  return 0;
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) { return lvs::run(argc, argv); }
