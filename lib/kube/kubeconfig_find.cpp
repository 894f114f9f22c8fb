// Where the kubeconfig or the service account is.

#include <array>
#include <filesystem>

#include "kube/credentials.h"
#include "kube/kubeconfig.h"

namespace lvs {
namespace {

constexpr std::size_t kMaxKubeconfigBytes = std::size_t{4} << 20U;

std::string variable(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string{} : std::string(value);
}

std::vector<std::string> split_path_list(std::string_view list) {
  std::vector<std::string> paths;
  while (!list.empty()) {
    const auto end = std::min(list.find(':'), list.size());
    if (end > 0) paths.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return paths;
}

Result<KubeConnection> read_files(const std::vector<std::string>& paths, bool skip_absent,
                                  const KubeconfigChoice& choice) {
  std::vector<KubeconfigText> files;
  for (const auto& path : paths) {
    auto text = read_small_file(path, kMaxKubeconfigBytes);
    if (!text && text.error().code == ErrorCode::kNotFound && skip_absent) continue;
    if (!text) return fail_at("kubeconfig", text.error());
    files.push_back({std::move(*text), path});
  }
  if (files.empty()) {
    return fail(ErrorCode::kNotFound, "KUBECONFIG names no file that exists");
  }
  return parse_kubeconfig(files, choice);
}

}  // namespace

Result<KubeConnection> in_cluster_connection(const Environment& environment,
                                             const std::string& directory) {
  const std::string host = variable(environment, "KUBERNETES_SERVICE_HOST");
  const std::string port = variable(environment, "KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) {
    return fail(ErrorCode::kNotFound,
                "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  const std::string token_path = directory + "/token";
  KubeConnection connection;
  connection.http.bearer_token = token_from_file(token_path);
  if (const auto token = connection.http.bearer_token(); !token) {
    return fail(token.error().code,
                token.error().message + "; set automountServiceAccountToken: true for the pod");
  }
  connection.http.ca.file = directory + "/ca.crt";
  if (auto ns = read_small_file(directory + "/namespace", 256); ns && !ns->empty()) {
    connection.default_namespace = std::move(*ns);
  }
  const bool v6 = host.find(':') != std::string::npos;
  connection.server = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  connection.origin = "in-cluster service account";
  return connection;
}

Result<KubeConnection> find_kube_connection(const KubeconfigChoice& choice,
                                            const Environment& environment) {
  if (!choice.path.empty()) return read_files({choice.path}, false, choice);
  if (const auto list = variable(environment, "KUBECONFIG"); !list.empty()) {
    return read_files(split_path_list(list), true, choice);
  }
  if (!variable(environment, "KUBERNETES_SERVICE_HOST").empty() && choice.context.empty()) {
    return in_cluster_connection(environment);
  }
  const std::string home = variable(environment, "HOME");
  const std::string path = home + "/.kube/config";
  if (!home.empty() && std::filesystem::exists(path)) return read_files({path}, false, choice);
  return fail(
      ErrorCode::kNotFound,
      "no API server known: neither --kubeconfig nor KUBECONFIG is given, this is not a pod "
      "(KUBERNETES_SERVICE_HOST), and " +
          path + " does not exist");
}

}  // namespace lvs
