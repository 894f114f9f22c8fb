// The API server as a source: one reflector per kind.
#pragma once

#include <memory>
#include <string>

#include "kube/api_client.h"
#include "operator/events.h"
#include "operator/sources/source.h"

namespace lvs {

// `client` must outlive it. `ns` empty: all namespaces (Nodes have none).
[[nodiscard]] std::unique_ptr<Source> make_kubernetes_source(ApiClient& client,
                                                             const std::string& ns,
                                                             const PostEvent& post);

}  // namespace lvs
