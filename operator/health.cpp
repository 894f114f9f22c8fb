#include "operator/health.h"

#include <utility>

namespace lvs {

HealthQuestions OperatorHealth::questions() {
  const HealthQuestion alive = [this](HealthVerdict verdict) {
    ask([verdict = std::move(verdict)](const std::string&) { verdict(""); });
  };
  const HealthQuestion ready = [this](HealthVerdict verdict) { ask(std::move(verdict)); };
  return {alive, ready};
}

void OperatorHealth::set(PostEvent post) {
  const std::lock_guard lock(mutex_);
  post_ = std::move(post);
}

void OperatorHealth::ask(std::function<void(const std::string& not_ready)> reply) {
  const std::lock_guard lock(mutex_);
  if (!post_) return reply("");
  post_(ReadinessAsked{std::move(reply)});
}

}  // namespace lvs
