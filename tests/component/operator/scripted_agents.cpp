#include "scripted_agents.h"

#include "http/message.h"
#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs {
namespace {

// A long poll in a test need not be long.
constexpr std::chrono::milliseconds kPoll{200};

class ScriptedClient final : public HttpClient {
 public:
  explicit ScriptedClient(ScriptedAgent& agent) : agent_(agent) {}
  Result<HttpResponse> send(const HttpRequest& request) override { return agent_.answer(request); }
  Result<HttpResponse> stream(const HttpRequest&, const LineHandler&) override {
    return fail(ErrorCode::kUnsupported, "agents do not stream");
  }

 private:
  ScriptedAgent& agent_;
};

HttpResponse text(int status, std::string body) { return {status, {}, std::move(body)}; }

}  // namespace

ScriptedAgent::ScriptedAgent(std::string node) : node_(std::move(node)) {}

Result<HttpResponse> ScriptedAgent::answer(const HttpRequest& request) {
  std::unique_lock lock(mutex_);
  if (mood_ == Mood::kHanging) {
    changed_.wait(lock, request.stop, [this] { return mood_ != Mood::kHanging; });
    return fail(ErrorCode::kTimeout, "no answer");
  }
  if (mood_ == Mood::kRefusing) return fail(ErrorCode::kUnavailable, "connection refused");
  if (request.method != "GET") return push(request);
  const auto after = request.path_and_query.find("?after=");
  if (after != std::string::npos) {
    const auto revision = std::stoull(request.path_and_query.substr(after + 7));
    changed_.wait_for(lock, request.stop, kPoll, [&] { return revision_ > revision; });
    if (mood_ != Mood::kWell) return fail(ErrorCode::kUnavailable, "connection reset");
  }
  return status();
}

HttpResponse ScriptedAgent::push(const HttpRequest& request) {
  auto response = request.method == "PUT" ? put(request) : patch(request);
  const bool stored = response.status == 200;
  pushes_.push_back(request.method + (stored ? "" : " " + std::to_string(response.status)));
  if (stored) {
    response.headers["ETag"] = to_etag(plan_.hash());
    ++revision_;
    changed_.notify_all();
  }
  return response;
}

HttpResponse ScriptedAgent::put(const HttpRequest& request) {
  auto plan = decode_plan(request.body);
  if (!plan) return text(400, plan.error().message);
  plan_ = HashedPlan(std::move(*plan));
  has_plan_ = true;
  return text(200, "");
}

HttpResponse ScriptedAgent::patch(const HttpRequest& request) {
  const auto patch = decode_patch(request.body);
  if (!patch) return text(400, patch.error().message);
  const auto from = parse_etag(header_or_empty(request.headers, "If-Match"));
  if (!has_plan_ || !from || *from != plan_.hash()) return text(412, "another plan");
  if (const auto applied = plan_.apply(*patch); !applied) return text(412, applied.error().message);
  last_patch_edits_ = patch->edits.size();
  return text(200, "");
}

HttpResponse ScriptedAgent::status() const {
  NodeStatus status;
  status.node = node_;
  status.instance = "1";
  status.has_plan = has_plan_;
  if (has_plan_) status.stored_plan = status.applied_plan = plan_.hash();
  status.plan_term = plan_.plan().term;
  for (const auto& [address, vip] : plan_.plan().vips) {
    const bool first = !vip.candidates.empty() && vip.candidates.front() == node_;
    status.vips.push_back({address, "eth0", first, first, 1, "", ""});
  }
  for (const auto& [vip, backend] : plan_.plan().backends) {
    status.backends.push_back({vip, true, "", "", backend.server_address, backend.forwarding});
  }
  auto response = text(200, encode(status));
  response.headers[kRevisionHeader] = std::to_string(revision_);
  return response;
}

void ScriptedAgent::set_mood(Mood mood) {
  const std::lock_guard lock(mutex_);
  mood_ = mood;
  changed_.notify_all();
}

void ScriptedAgent::lose_plan() {
  const std::lock_guard lock(mutex_);
  plan_ = HashedPlan();
  has_plan_ = false;
  ++revision_;
  changed_.notify_all();
}

void ScriptedAgent::store(NodePlan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = HashedPlan(std::move(plan));
  has_plan_ = true;
}

NodePlan ScriptedAgent::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_.plan();
}

bool ScriptedAgent::has_plan() const {
  const std::lock_guard lock(mutex_);
  return has_plan_;
}

std::vector<std::string> ScriptedAgent::pushes() const {
  const std::lock_guard lock(mutex_);
  return pushes_;
}

std::size_t ScriptedAgent::last_patch_edits() const {
  const std::lock_guard lock(mutex_);
  return last_patch_edits_;
}

ScriptedAgent& ScriptedAgents::operator[](const std::string& node) {
  const std::lock_guard lock(mutex_);
  auto& agent = agents_[node];
  if (!agent) agent = std::make_unique<ScriptedAgent>(node);
  return *agent;
}

AgentDialer ScriptedAgents::dialer() {
  return [this](const AgentAddress& agent) -> Result<std::shared_ptr<HttpClient>> {
    return std::shared_ptr<HttpClient>(std::make_shared<ScriptedClient>((*this)[agent.node]));
  };
}

}  // namespace lvs
