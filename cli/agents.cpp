#include "cli/agents.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "http/unix_client.h"
#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs::cli {
namespace {

constexpr std::size_t kMostAtOnce = 64;
// A table of 100,000 destinations is some tens of MiB as JSON.
constexpr std::size_t kLargestState = std::size_t{256} << 20U;

Result<NodeState> fetch_state(HttpClient& http, Duration timeout) {
  HttpRequest request;
  request.path_and_query = kStatePath;
  request.timeout = timeout;
  const auto response = http.send(request);
  if (!response) return tl::unexpected(response.error());
  if (response->status != 200) {
    return fail(ErrorCode::kUnavailable, "answered " + std::to_string(response->status) + ": " +
                                             response->body.substr(0, 200));
  }
  return decode_state(response->body);
}

Result<NodeState> ask(const AgentTarget& target, const AgentTls& tls, Duration timeout) {
  if (!target.problem.empty()) return fail(ErrorCode::kNotFound, target.problem);
  const auto http = connect_agent(target, tls);
  if (!http) return tl::unexpected(http.error());
  return fetch_state(**http, timeout);
}

NodeAnswer answer_of(const AgentTarget& target, const AgentTls& tls, Duration timeout) {
  NodeAnswer answer{target.node, target.endpoint(), ask(target, tls, timeout)};
  if (answer.node.empty()) {
    answer.node = answer.state ? answer.state->status.node : target.endpoint();
  }
  return answer;
}

}  // namespace

Result<std::unique_ptr<HttpClient>> connect_agent(const AgentTarget& target, const AgentTls& tls) {
  if (!target.socket_path.empty()) return make_unix_http_client(target.socket_path, kLargestState);
  HttpClientOptions options;
  options.ca.file = tls.ca_file;
  options.certificate.file = tls.certificate_file;
  options.key.file = tls.key_file;
  // Where the manifests name the node, its certificate must too: addresses move.
  options.server_name = tls.server_name.empty() ? target.node : tls.server_name;
  options.user_agent = "lvsctl";
  options.max_response_bytes = kLargestState;
  return make_http_client("https://" + target.endpoint(), std::move(options));
}

std::vector<NodeAnswer> ask_agents(const std::vector<AgentTarget>& targets, const AgentTls& tls,
                                   Duration timeout) {
  std::vector<NodeAnswer> answers(targets.size(),
                                  {"", "", fail(ErrorCode::kUnavailable, "not asked")});
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < targets.size(); i = next++) {
      answers[i] = answer_of(targets[i], tls, timeout);
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(kMostAtOnce, targets.size()); ++i)
    threads.emplace_back(work);
  threads.clear();  // joins
  return answers;
}

}  // namespace lvs::cli
