// What a supervisor is told of an operator that waits, that reads the cluster, and that knows it.
#include "operator/health.h"

#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "operator/loop.h"

namespace lvs {
namespace {

class NoStatus final : public StatusSink {
 public:
  void write(const ObjectKey&, const VirtualServiceStatus&) override {}
  void write(const ObjectKey&, const RealServerStatus&) override {}
  void tell(const ObjectEvent&) override {}
  void forget(Kind, const ObjectKey&) override {}
};

class OperatorHealthTest : public testing::Test {
 protected:
  // What was said; nothing while nobody has answered.
  static std::shared_ptr<std::optional<std::string>> ask(const HealthQuestion& question) {
    auto said = std::make_shared<std::optional<std::string>>();
    question([said](const std::string& problem) { *said = problem; });
    return said;
  }

  OperatorHealth health;
  HealthQuestions questions = health.questions();
};

TEST_F(OperatorHealthTest, WhoWaitsForTheLeaseIsReady) {
  EXPECT_EQ(**ask(questions.alive), "");
  EXPECT_EQ(**ask(questions.ready), "");
}

TEST_F(OperatorHealthTest, ALoopThatHangsAnswersNothing) {
  std::vector<OperatorEvent> mailbox;
  {
    const OperatorHealth::Answering answering(
        health, [&mailbox](OperatorEvent event) { mailbox.push_back(std::move(event)); });
    EXPECT_FALSE(ask(questions.alive)->has_value());
    EXPECT_EQ(mailbox.size(), 1U);
  }
  EXPECT_EQ(**ask(questions.alive), "") << "it waits again";
}

TEST_F(OperatorHealthTest, TheLoopIsReadyWhenEveryKindIsListed) {
  MetricsRegistry registry;
  OperatorMetrics metrics(registry);
  const SystemClock clock;
  NoStatus status;
  OperatorLoop loop(
      {}, [](const AgentAddress&) { return fail(ErrorCode::kUnavailable, "none"); }, status, clock,
      metrics);
  std::thread runner([&loop] { loop.run(); });
  const OperatorHealth::Answering answering(health, loop.poster());
  const auto answer = [this](const HealthQuestion& question) {
    const auto said = std::make_shared<std::promise<std::string>>();
    question([said](const std::string& problem) { said->set_value(problem); });
    return said->get_future().get();
  };
  EXPECT_EQ(answer(questions.alive), "");
  EXPECT_EQ(answer(questions.ready), "not every kind of resource has been listed yet");
  for (const Kind kind : {Kind::kNode, Kind::kRealServer, Kind::kVirtualService}) {
    loop.post(Listed{kind, {}});
  }
  EXPECT_EQ(answer(questions.ready), "");
  loop.stop();
  runner.join();
}

}  // namespace
}  // namespace lvs
