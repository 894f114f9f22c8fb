#include "cli/duty_desk.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/failover_request.h"
#include "wire/agent_api.h"

namespace lvs::cli {
namespace {

class AgentDesk final : public DutyDesk {
 public:
  explicit AgentDesk(const Source& source) : source_(source) {}

  Result<Duties> look() override {
    auto answers = gather_answers(source_);
    if (!answers) return tl::unexpected(answers.error());
    nodes_ = answers->nodes;
    return duties_from_agents(*answers);
  }

  Result<void> move(const IpAddress& vip, const VipDuty& duty, const std::string& to) override {
    return ask(duty.holder, [&](AgentClient& agent) { return agent.move({vip, {duty.term, to}}); });
  }
  // The agent gives it up by itself.
  void withdraw(const VipDuty& /*duty*/) override {}

  Result<void> drain(const std::string& node, bool drained) override {
    return ask(node, [&](AgentClient& agent) { return agent.set_drained(drained); });
  }

 private:
  Result<void> ask(const std::string& node,
                   const std::function<Result<void>(AgentClient&)>& question) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                    [&](const NodeAnswer& answer) { return answer.node == node; });
    if (found == nodes_.end()) {
      return fail(ErrorCode::kNotFound,
                  "the agent of " + node + " was not asked; name it with --agent as well");
    }
    auto target = parse_target(found->endpoint);
    if (!target) return tl::unexpected(target.error());
    // Where the manifests name the node, its certificate must too.
    if (std::holds_alternative<ManifestSource>(source_.from)) target->node = node;
    const auto http = connect_agent(*target, source_.tls);
    if (!http) return tl::unexpected(http.error());
    AgentClient agent(**http);
    return question(agent);
  }

  const Source source_;
  std::vector<NodeAnswer> nodes_;
};

class ClusterDesk final : public DutyDesk {
 public:
  ClusterDesk(KubeChoice choice, Duration timeout)
      : choice_(std::move(choice)), timeout_(timeout) {}

  Result<Duties> look() override {
    return read_cluster(choice_, timeout_).map(duties_from_objects);
  }

  Result<void> move(const IpAddress& vip, const VipDuty& duty, const std::string& to) override {
    return annotate(Kind::kVirtualService, duty.virtual_service, kFailoverAnnotation,
                    lvs::to_text(FailoverRequests{{vip, {duty.term, to}}}));
  }
  void withdraw(const VipDuty& duty) override {
    // Not more than a wish: the term makes it void soon.
    static_cast<void>(
        annotate(Kind::kVirtualService, duty.virtual_service, kFailoverAnnotation, nullptr));
  }

  Result<void> drain(const std::string& node, bool drained) override {
    const nlohmann::json value = drained ? nlohmann::json("true") : nlohmann::json(nullptr);
    return annotate(Kind::kNode, {"", node}, kDrainAnnotation, value);
  }

 private:
  Result<void> annotate(Kind kind, const ObjectKey& key, const char* annotation,
                        const nlohmann::json& value) {
    const nlohmann::json patch = {{"metadata", {{"annotations", {{annotation, value}}}}}};
    return patch_object(choice_, kind, key, patch.dump(), timeout_);
  }

  KubeChoice choice_;
  Duration timeout_;
};

}  // namespace

std::unique_ptr<DutyDesk> open_duty_desk(const Source& source) {
  if (const auto* kube = std::get_if<KubeChoice>(&source.from)) {
    return std::make_unique<ClusterDesk>(*kube, source.timeout);
  }
  return std::make_unique<AgentDesk>(source);
}

}  // namespace lvs::cli
