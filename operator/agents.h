// How the operator reaches agents: HTTPS, both sides with certificates.
#pragma once

#include "operator/config.h"
#include "operator/pusher/agent_link.h"

namespace lvs {

[[nodiscard]] AgentDialer make_agent_dialer(const OperatorConfig& config);

}  // namespace lvs
