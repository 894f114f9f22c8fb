// Where the API server is and who we are there: from kubeconfig files or from a pod's service
// account.
//
// Read: clusters, contexts, users with certificate-authority(-data), tls-server-name,
// client-certificate and client-key (-data), token, tokenFile. Refused with the field's name and
// what to use instead: exec and auth-provider plugins, user names and passwords, impersonation,
// proxy-url; insecure-skip-tls-verify unless it is allowed explicitly.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace lvs {

struct KubeConnection {
  std::string server;  // https://10.0.0.1:6443
  HttpClientOptions http;
  std::string default_namespace = "default";
  std::string origin;  // for logs: "/root/.kube/config context lab", "in-cluster service account"
};

struct KubeconfigChoice {
  std::string path;     // --kubeconfig; empty: see find_kube_connection()
  std::string context;  // --context; empty: the file's current-context
  bool allow_insecure = false;
};

struct KubeconfigText {
  std::string text;
  std::string file;  // for messages, and what relative file names in it refer to
};

// Several files are merged as kubectl merges them: the first to name a thing wins.
[[nodiscard]] Result<KubeConnection> parse_kubeconfig(const std::vector<KubeconfigText>& files,
                                                      const KubeconfigChoice& choice);

// The environment of a pod; `environment` as std::getenv, `directory` holds token, ca.crt,
// namespace. The token is read again for every request: the kubelet rotates it.
using Environment = std::function<const char*(const char* name)>;
inline constexpr const char* kServiceAccountDirectory =
    "/var/run/secrets/kubernetes.io/serviceaccount";
[[nodiscard]] Result<KubeConnection> in_cluster_connection(
    const Environment& environment, const std::string& directory = kServiceAccountDirectory);

// What kubectl would do: the chosen path, else $KUBECONFIG, else the pod's service account, else
// ~/.kube/config. The error lists what was tried.
[[nodiscard]] Result<KubeConnection> find_kube_connection(const KubeconfigChoice& choice,
                                                          const Environment& environment);

}  // namespace lvs
