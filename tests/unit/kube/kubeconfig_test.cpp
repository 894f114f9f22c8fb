#include "kube/kubeconfig.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace lvs {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGood = R"(
apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab-cluster
  cluster:
    server: https://10.0.0.1:6443/
    certificate-authority-data: Q0EgdGV4dA==
    tls-server-name: kubernetes
- name: other
  cluster: {server: "https://[fd00::1]:6443", certificate-authority: pki/ca.crt}
contexts:
- name: lab
  context: {cluster: lab-cluster, user: admin, namespace: lvs}
- name: files
  context: {cluster: other, user: files}
- name: nobody
  context: {cluster: other}
users:
- name: admin
  user:
    client-certificate-data: Y2VydA==
    client-key-data: a2V5
- name: files
  user: {client-certificate: c.crt, client-key: /abs/c.key, token: "fallback"}
)";

Result<KubeConnection> parse(const std::string& text, const std::string& context = {},
                             bool allow_insecure = false) {
  return parse_kubeconfig({{text, "/etc/kube/config"}}, {{}, context, allow_insecure});
}

// A kubeconfig with these lines in its cluster and its user.
std::string with(const std::string& cluster, const std::string& user) {
  return "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
         "clusters: [{name: k, cluster: {" +
         cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
}

void expect_refused(const std::string& text, const std::string& words) {
  const auto connection = parse(text);
  ASSERT_FALSE(connection) << text;
  EXPECT_THAT(connection.error().message, HasSubstr(words));
}

TEST(Kubeconfig, CurrentContextWithEmbeddedData) {
  const auto connection = parse(kGood);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->server, "https://10.0.0.1:6443");
  EXPECT_EQ(connection->default_namespace, "lvs");
  EXPECT_EQ(connection->http.ca.text, "CA text");
  EXPECT_EQ(connection->http.certificate.text, "cert");
  EXPECT_EQ(connection->http.key.text, "key");
  EXPECT_EQ(connection->http.server_name, "kubernetes");
  EXPECT_FALSE(connection->http.insecure_skip_verify);
  EXPECT_FALSE(connection->http.bearer_token);
  EXPECT_EQ(connection->origin, "/etc/kube/config: context \"lab\"");
}

TEST(Kubeconfig, FilesAreRelativeToTheKubeconfig) {
  const auto connection = parse(kGood, "files");
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->server, "https://[fd00::1]:6443");
  EXPECT_EQ(connection->http.ca.file, "/etc/kube/pki/ca.crt");
  EXPECT_EQ(connection->http.certificate.file, "/etc/kube/c.crt");
  EXPECT_EQ(connection->http.key.file, "/abs/c.key");
  EXPECT_EQ(*connection->http.bearer_token(), "fallback");
  EXPECT_EQ(connection->default_namespace, "default");
}

TEST(Kubeconfig, AContextWithoutUserIsAnonymous) {
  const auto connection = parse(kGood, "nobody");
  ASSERT_TRUE(connection);
  EXPECT_TRUE(connection->http.certificate.empty());
}

TEST(Kubeconfig, TheFirstFileToNameAThingWins) {
  const std::string first =
      "current-context: files\nclusters: [{name: other, cluster: {server: 'https://first:1'}}]\n";
  const auto connection =
      parse_kubeconfig({{first, "/a/one"}, {"", "/a/empty"}, {kGood, "/b/two"}}, {});
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->server, "https://first:1");
  EXPECT_EQ(connection->http.certificate.file, "/b/c.crt");
}

TEST(Kubeconfig, EveryMistakeNamesItsPlace) {
  const std::string server = "server: 'https://h:1'";
  expect_refused("", "current-context is not set");
  expect_refused("- a\n- b\n", "is not a kubeconfig");
  expect_refused("kind: Pod\n", "kind is not Config");
  expect_refused("a: [\n", "/etc/kube/config:");
  expect_refused("current-context: x\n", "/etc/kube/config: no context named \"x\"");
  expect_refused("current-context: c\ncontexts: [{name: c, context: {user: u}}]\n",
                 "context \"c\": cluster is missing");
  expect_refused("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n",
                 "no cluster named \"k\"");
  expect_refused("current-context: 7\n", "current-context must be a text");
  expect_refused(with("", ""), "cluster \"k\": server is missing");
  expect_refused(with(server + ", certificate-authority-data: '!!!'", ""),
                 "certificate-authority-data is not base64");
  expect_refused(with(server + ", proxy-url: 'http://p'", ""), "proxy-url is not supported");
  expect_refused(with(server + ", insecure-skip-tls-verify: true", ""),
                 "insecure-skip-tls-verify is refused");
  expect_refused(with(server + ", insecure-skip-tls-verify: 'yes'", ""), "must be true or false");
  expect_refused(with(server, "exec: {command: aws}"),
                 "user \"u\": exec plugins are not supported, use");
  expect_refused(with(server, "auth-provider: {name: gcp}"),
                 "auth-provider plugins are not supported");
  expect_refused(with(server, "username: a, password: b"),
                 "user name and password are not supported");
  expect_refused(with(server, "as: root"), "impersonation");
  expect_refused(with(server, "client-certificate: a"), "needed both");
  expect_refused(with(server, "token: 12345"), "token must be a text (put it in quotes)");
}

TEST(Kubeconfig, InsecureWorksOnlyWhenItIsAllowed) {
  const auto connection =
      parse(with("server: 'https://h:1', insecure-skip-tls-verify: true", ""), {}, true);
  ASSERT_TRUE(connection);
  EXPECT_TRUE(connection->http.insecure_skip_verify);
}

class InFolder : public ::testing::Test {
 protected:
  InFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lvs-test-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~InFolder() override { std::filesystem::remove_all(folder); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
    return folder + "/" + name;
  }
  Environment environment() const {
    return [this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
  }

  std::string folder;
  std::map<std::string, std::string> variables;
};

TEST_F(InFolder, ATokenFileIsReadAgainForEveryRequest) {
  const auto file = write("token", "first\n");
  const auto connection =
      parse(with("server: 'https://h:1'", "tokenFile: " + file + ", token: old"));
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(*connection->http.bearer_token(), "first");
  write("token", "second");
  EXPECT_EQ(*connection->http.bearer_token(), "second");
  write("token", "");
  EXPECT_EQ(connection->http.bearer_token().error().code, ErrorCode::kPermissionDenied);
}

TEST_F(InFolder, InClusterTakesTheServiceAccount) {
  EXPECT_THAT(in_cluster_connection(environment(), folder).error().message,
              HasSubstr("KUBERNETES_SERVICE_HOST"));
  variables = {{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  EXPECT_THAT(in_cluster_connection(environment(), folder).error().message,
              HasSubstr("automountServiceAccountToken"));
  write("token", "t");
  write("ca.crt", "x");
  write("namespace", "lvs-system");
  const auto connection = in_cluster_connection(environment(), folder);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->server, "https://[fd00::1]:443");
  EXPECT_EQ(connection->http.ca.file, folder + "/ca.crt");
  EXPECT_EQ(connection->default_namespace, "lvs-system");
  EXPECT_EQ(*connection->http.bearer_token(), "t");
}

TEST_F(InFolder, TheSearchGoesAsKubectlGoes) {
  variables["HOME"] = folder;
  EXPECT_THAT(find_kube_connection({}, environment()).error().message,
              HasSubstr(folder + "/.kube/config does not exist"));
  std::filesystem::create_directory(folder + "/.kube");
  write(".kube/config", kGood);
  EXPECT_EQ(find_kube_connection({}, environment())->server, "https://10.0.0.1:6443");
  variables["KUBECONFIG"] = folder + "/absent:" + write("other", with("server: 'https://h:2'", ""));
  EXPECT_EQ(find_kube_connection({}, environment())->server, "https://h:2");
  EXPECT_EQ(find_kube_connection({folder + "/.kube/config", "files", false}, environment())->server,
            "https://[fd00::1]:6443");
  EXPECT_THAT(find_kube_connection({folder + "/absent", "", false}, environment()).error().message,
              HasSubstr("kubeconfig: " + folder + "/absent: No such file"));
}

}  // namespace
}  // namespace lvs
