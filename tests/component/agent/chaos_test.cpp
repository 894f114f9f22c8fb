// Whatever happens on the way (refusals, lost answers, broken-off batches, unreadable dumps, kills
// of the agent, somebody else's hands in the table), when it stops happening the kernel is as the
// last plan wants it, and what is foreign is as it was.
#include <cerrno>
#include <random>

#include <gtest/gtest.h>

#include "core/format.h"
#include "core/realise.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

constexpr unsigned kSeeds = 60;
constexpr int kSteps = 25;
const ServiceKey kForeignService = tcp("203.0.113.9", 9);

class Chaos {
 public:
  explicit Chaos(unsigned seed) : engine_(seed) {
    machine_.kernel.put_foreign_service(kForeignService, {"rr", 0, 0, 0});
    machine_.start_agent();
  }

  void run() {
    for (int i = 0; i < kSteps; ++i) step();
    // Quiet now: longest backoff, drains of 5 s and a reconciliation pass.
    machine_.pass(Duration{60'000});
    EXPECT_EQ(machine_.kernel.table(), wanted());
    EXPECT_EQ(machine_.status().applied_plan, hash_of(plan_));
    EXPECT_TRUE(machine_.status().problems.empty());
    machine_.kernel.forget_history();
    machine_.pass(Duration{20'000});
    EXPECT_TRUE(machine_.kernel.operations().empty());
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }

  void step() {
    switch (below(8)) {
      case 0:
        return machine_.kernel.fail_operation(below(6),
                                              one_of({EINVAL, ENOENT, ESRCH, EEXIST, ENOMEM}));
      case 1:
        return machine_.kernel.lose_answers_of_next_apply();
      case 2:
        return machine_.kernel.cut_next_apply_after(below(5));
      case 3:
        return machine_.kernel.fail_next_dump({ErrorCode::kUnavailable, "scripted"});
      case 4:
        return machine_.start_agent();
      case 5:
        return meddle();
      default:
        return new_plan();
    }
  }

  int one_of(std::initializer_list<int> values) {
    return values.begin()[below(static_cast<unsigned>(values.size()))];
  }

  void meddle() {
    const ServiceKey key = tcp("192.0.2.1", static_cast<std::uint16_t>(80 + below(4)));
    const DestinationKey destination{ip("192.0.2." + std::to_string(20 + below(4))), key.port};
    const std::vector<Operation> choices{
        DeleteService{key}, DeleteDestination{key, destination},
        SetDestination{key, destination, {ForwardingMethod::kDirectRouting, 99, 0, 0}},
        NewDestination{key, destination, {ForwardingMethod::kDirectRouting, 98, 0, 0}},
        SetService{key, {"lc", 0, 0, 0}}};
    machine_.kernel.apply(std::span(&choices[below(5)], 1));
    machine_.pass(Duration{100});
  }

  void new_plan() {
    NodePlan next;
    next.node = "a";
    next.term = 1;
    for (unsigned s = 0; s < 4; ++s) {
      if (below(3) == 0) continue;
      Weights weights;
      for (unsigned d = 0; d < 4; ++d) {
        if (below(2) == 0) weights.emplace_back("192.0.2." + std::to_string(20 + d), below(3));
      }
      const char* const schedulers[] = {"rr", "wrr", "mh"};
      add_service(next, tcp("192.0.2.1", static_cast<std::uint16_t>(80 + s)), schedulers[below(3)],
                  weights);
    }
    const bool as_patch = stored_ && below(3) != 0;
    const PlanAnswer answer =
        as_patch ? machine_.patch(patch_between(plan_, next)) : machine_.put(next);
    ASSERT_EQ(answer.verdict, PlanVerdict::kStored) << answer.message;
    plan_ = next;
    stored_ = true;
    machine_.pass(Duration{100 * below(20)});
  }

  std::string wanted() {
    std::vector<DesiredService> services;
    for (const auto& [key, planned] : plan_.services)
      services.push_back(realise_service(key, *planned));
    const std::string ours = format_table(services);
    return ours + "-A -t 203.0.113.9:9 -s rr\n";
  }

  std::mt19937 engine_;
  Machine machine_;
  NodePlan plan_;
  bool stored_ = false;
};

TEST(Chaos, ConvergesWhenItEnds) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Chaos(seed).run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace lvs::testing
