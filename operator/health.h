// What a supervisor that asks for /healthz and /readyz is told: the loop answers while there is one;
// an operator that waits for the Lease is alive and ready.
#pragma once

#include <mutex>

#include "http/health_server.h"
#include "operator/events.h"

namespace lvs {

class OperatorHealth {
 public:
  // While it lives, the loop behind `post` answers. One at a time.
  class Answering {
   public:
    Answering(OperatorHealth& health, PostEvent post) : health_(health) {
      health_.set(std::move(post));
    }
    ~Answering() { health_.set(nullptr); }
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

   private:
    OperatorHealth& health_;
  };

  // Must not outlive this.
  [[nodiscard]] HealthQuestions questions();

 private:
  void set(PostEvent post);
  void ask(std::function<void(const std::string& not_ready)> reply);

  std::mutex mutex_;
  PostEvent post_;  // null: no loop
};

}  // namespace lvs
