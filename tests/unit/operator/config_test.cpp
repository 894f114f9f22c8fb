#include "operator/config.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

using testing::HasSubstr;

struct Parsed {
  std::variant<OperatorConfig, ExitNow> result;
  std::string errors;

  const OperatorConfig& config() const { return std::get<OperatorConfig>(result); }
  bool is_refused() const {
    const auto* exit = std::get_if<ExitNow>(&result);
    return exit != nullptr && exit->code != 0;
  }
};

Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lvs-operator");
  testing::internal::CaptureStderr();
  auto result = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  return {std::move(result), testing::internal::GetCapturedStderr()};
}

Parsed parse_to_push(std::vector<const char*> arguments) {
  for (const auto* each : {"--tls-cert", "c", "--tls-key", "k", "--tls-ca", "a"}) {
    arguments.push_back(each);
  }
  return parse(std::move(arguments));
}

TEST(OperatorConfig, PushesToAllNodesUnlessToldOtherwise) {
  EXPECT_EQ(parse_to_push({"--source=kubernetes"}).config().only_node, "");
  EXPECT_EQ(parse_to_push({"--source=directory:/m", "--nodes=all"}).config().only_node, "");
}

TEST(OperatorConfig, ANodeMayServeItselfFromADirectory) {
  const auto parsed = parse_to_push({"--source=directory:/m", "--nodes=self", "--node", "web-1"});
  EXPECT_EQ(parsed.config().only_node, "web-1");
  EXPECT_EQ(parsed.config().directory, "/m");
}

TEST(OperatorConfig, RefusesHalfOfNodesSelf) {
  const auto nameless = parse_to_push({"--source=directory:/m", "--nodes=self"});
  EXPECT_TRUE(nameless.is_refused());
  EXPECT_THAT(nameless.errors, HasSubstr("--node: is required with --nodes=self"));
  const auto all = parse_to_push({"--source=directory:/m", "--node", "web-1"});
  EXPECT_TRUE(all.is_refused());
  EXPECT_THAT(all.errors, HasSubstr("--node: is only for --nodes=self"));
  EXPECT_TRUE(parse_to_push({"--source=directory:/m", "--nodes=some"}).is_refused());
}

TEST(OperatorConfig, RefusesNodesSelfWithKubernetes) {
  const auto parsed = parse_to_push({"--source=kubernetes", "--nodes=self", "--node", "web-1"});
  EXPECT_TRUE(parsed.is_refused());
  EXPECT_THAT(parsed.errors, HasSubstr("one operator serves all nodes"));
}

TEST(OperatorConfig, OnlyADryRunNeedsNoCertificate) {
  EXPECT_TRUE(parse({"--source=kubernetes", "--dry-run"}).config().dry_run);
  EXPECT_TRUE(parse({"--source=directory:/m", "--dry-run"}).config().dry_run);
  const auto parsed = parse({"--source=kubernetes"});
  EXPECT_TRUE(parsed.is_refused());
  EXPECT_THAT(parsed.errors, HasSubstr("--tls-cert"));
}

TEST(OperatorConfig, ListensForHealthWhereItIsTold) {
  EXPECT_FALSE(parse_to_push({"--source=kubernetes"}).config().health_listen);
  const auto parsed = parse_to_push({"--source=kubernetes", "--health-listen", ":9443"});
  EXPECT_EQ(parsed.config().health_listen->port, 9443);
  const auto wrong = parse_to_push({"--source=kubernetes", "--health-listen", "9443"});
  EXPECT_TRUE(wrong.is_refused());
  EXPECT_THAT(wrong.errors, HasSubstr("--health-listen: \"9443\" is not an address to listen on"));
}

TEST(OperatorConfig, RefusesOptionsOfTheOtherSource) {
  EXPECT_TRUE(parse_to_push({"--source=directory:/m", "--kubeconfig", "k"}).is_refused());
  EXPECT_TRUE(parse_to_push({"--source=directory:/m", "--namespace", "n"}).is_refused());
  EXPECT_TRUE(parse_to_push({"--source=directory:"}).is_refused());
  EXPECT_TRUE(parse_to_push({"--source=kubernetes", "--status-file", "f"}).is_refused());
  EXPECT_TRUE(parse_to_push({"--source=consul"}).is_refused());
}

}  // namespace
}  // namespace lvs
