// Programs SERVICES x DESTINATIONS through LinuxKernel and says how long each step takes. In the
// lab:
//
//   bench_kernel SERVICES DESTINATIONS SCHEDULER   one line per step, milliseconds
//   bench_kernel SERVICES DESTINATIONS SCHEDULER --text   the same table for ipvsadm -R
//
// Run it in an empty network namespace; it leaves its services behind.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "agent/kernel/linux_kernel.h"
#include "core/format.h"

namespace lvs {
namespace {

struct Table {
  std::vector<Operation> create;
  std::vector<Operation> reweight;
};

IpAddress numbered(std::uint8_t net, std::size_t n) {
  return IpAddress(Family::kV4, {net, static_cast<std::uint8_t>(n >> 16),
                                 static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
}

Table make_table(std::size_t services, std::size_t destinations, const std::string& scheduler) {
  Table table;
  for (std::size_t s = 0; s < services; ++s) {
    const ServiceKey key{numbered(10, s + 1), Protocol::kTcp, 80, 0};
    table.create.push_back(NewService{key, {"", 0, 0, 0}});
    for (std::size_t d = 0; d < destinations; ++d) {
      const DestinationKey server{numbered(11, s * destinations + d + 1), 80};
      DestinationConfig config;
      table.create.push_back(NewDestination{key, server, config});
      config.weight = 2;
      table.reweight.push_back(SetDestination{key, server, config});
    }
    table.create.push_back(SetService{key, {scheduler, 0, 0, 0}});
  }
  return table;
}

// As ipvsadm needs it: no late binding.
void print_text(const Table& table, const std::string& scheduler) {
  for (Operation operation : table.create) {
    if (auto* service = std::get_if<NewService>(&operation)) service->config.scheduler = scheduler;
    if (std::holds_alternative<SetService>(operation)) continue;
    std::printf("%s\n", format(operation).c_str());
  }
}

template <typename Step>
void time_step(const char* name, Step step) {
  const auto begin = std::chrono::steady_clock::now();
  step();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-32s %10.1f ms\n", name, took.count());
}

void must_apply(Kernel& kernel, std::span<const Operation> operations) {
  const auto report = kernel.apply(operations);
  if (report.failures.empty() && !report.in_doubt) return;
  std::fprintf(stderr, "%zu refused%s\n", report.failures.size(),
               report.in_doubt ? ", in doubt" : "");
  if (!report.failures.empty()) {
    std::fprintf(stderr, "%s\n", report.failures.front().error.message.c_str());
  }
  std::exit(1);
}

void dump_all(Kernel& kernel) {
  const auto services = kernel.dump_services();
  if (!services) std::exit(1);
  std::size_t count = 0;
  for (const auto& service : *services) count += kernel.dump_destinations(service.key)->size();
  std::printf("%-32s %10zu\n", "destinations", count);
}

int run(std::size_t services, std::size_t destinations, const std::string& scheduler, bool text) {
  const Table table = make_table(services, destinations, scheduler);
  if (text) {
    print_text(table, scheduler);
    return 0;
  }
  LinuxKernel kernel;
  time_step("create, scheduler bound late", [&] { must_apply(kernel, table.create); });
  time_step("dump everything", [&] { dump_all(kernel); });
  time_step("change every weight", [&] { must_apply(kernel, table.reweight); });
  time_step("change one weight", [&] { must_apply(kernel, std::span(table.reweight).first(1)); });
  return 0;
}

}  // namespace
}  // namespace lvs

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: %s SERVICES DESTINATIONS SCHEDULER [--text]\n", arguments[0]);
    return 2;
  }
  const bool text = count > 4 && std::strcmp(arguments[4], "--text") == 0;
  return lvs::run(std::strtoul(arguments[1], nullptr, 10), std::strtoul(arguments[2], nullptr, 10),
                  arguments[3], text);
}
