#include "operator/agents.h"

#include "telemetry/metrics.h"

namespace lvs {
namespace {

std::string url_of(const AgentAddress& agent) {
  const auto host = agent.address.to_string();
  const bool v6 = agent.address.family() == Family::kV6;
  return "https://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(agent.port);
}

}  // namespace

AgentDialer make_agent_dialer(const OperatorConfig& config) {
  HttpClientOptions options;
  options.ca.file = config.tls_ca;
  options.certificate.file = config.tls_certificate;
  options.key.file = config.tls_key;
  options.user_agent = std::string("lvs-operator/") + build_version();
  options.server_name = config.agent_tls_name;
  return [options](const AgentAddress& agent) -> Result<std::shared_ptr<HttpClient>> {
    auto own = options;
    if (own.server_name.empty()) own.server_name = agent.node;
    auto client = make_http_client(url_of(agent), std::move(own));
    if (!client) return tl::unexpected<Error>(client.error());
    return std::shared_ptr<HttpClient>(std::move(*client));
  };
}

}  // namespace lvs
