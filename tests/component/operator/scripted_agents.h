// Agents without network: each answers the operator's requests as a real one would, and can be
// dead, deaf or forgetful.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/plan.h"
#include "operator/pusher/agent_link.h"

namespace lvs {

class ScriptedAgent {
 public:
  enum class Mood { kWell, kRefusing, kHanging };

  explicit ScriptedAgent(std::string node);

  Result<HttpResponse> answer(const HttpRequest& request);

  void set_mood(Mood mood);
  void lose_plan();
  void store(NodePlan plan);
  [[nodiscard]] NodePlan plan() const;
  [[nodiscard]] bool has_plan() const;
  // "PUT" and "PATCH" in the order of their arrival; a refused one as "PATCH 412".
  [[nodiscard]] std::vector<std::string> pushes() const;
  [[nodiscard]] std::size_t last_patch_edits() const;

 private:
  HttpResponse push(const HttpRequest& request);
  HttpResponse put(const HttpRequest& request);
  HttpResponse patch(const HttpRequest& request);
  HttpResponse status() const;

  std::string node_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Mood mood_ = Mood::kWell;
  HashedPlan plan_;
  bool has_plan_ = false;
  std::uint64_t revision_ = 1;
  std::vector<std::string> pushes_;
  std::size_t last_patch_edits_ = 0;
};

// By node name; made when first asked for.
class ScriptedAgents {
 public:
  ScriptedAgent& operator[](const std::string& node);
  [[nodiscard]] AgentDialer dialer();

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<ScriptedAgent>> agents_;
};

}  // namespace lvs
