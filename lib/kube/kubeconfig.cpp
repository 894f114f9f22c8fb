#include "kube/kubeconfig.h"

#include <array>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "api/yaml.h"
#include "kube/credentials.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

// A named entry of one of the lists, and the file that it came from.
struct Entry {
  Json body;
  std::string file;
  std::string place;  // "/root/.kube/config: user admin", for messages
};

tl::unexpected<Error> wrong(const std::string& place, const std::string& why) {
  return fail(ErrorCode::kInvalidArgument, place + ": " + why);
}

bool is_set(const Json& body, const char* name) {
  const auto field = body.find(name);
  if (field == body.end() || field->is_null()) return false;
  return !(field->is_string() && field->get_ref<const std::string&>().empty()) &&
         !(field->is_array() && field->empty());
}

Result<std::string> text_field(const Entry& entry, const char* name) {
  const auto field = entry.body.find(name);
  if (field == entry.body.end() || field->is_null()) return std::string{};
  if (!field->is_string())
    return wrong(entry.place, std::string(name) + " must be a text (put it in quotes)");
  return field->get<std::string>();
}

Result<bool> flag_field(const Entry& entry, const char* name) {
  const auto field = entry.body.find(name);
  if (field == entry.body.end() || field->is_null()) return false;
  if (!field->is_boolean()) return wrong(entry.place, std::string(name) + " must be true or false");
  return field->get<bool>();
}

// File names are relative to the kubeconfig's folder.
std::string resolve(const std::string& name, const std::string& file) {
  const std::filesystem::path path(name);
  if (path.is_absolute()) return name;
  return (std::filesystem::path(file).parent_path() / path).string();
}

// NAME-data (base64, wins) or NAME (a file).
Result<PemSource> pem_field(const Entry& entry, const std::string& name) {
  const std::string data_name = name + "-data";
  const auto data = text_field(entry, data_name.c_str());
  if (!data) return tl::unexpected(data.error());
  const auto file = text_field(entry, name.c_str());
  if (!file) return tl::unexpected(file.error());
  if (!data->empty()) {
    auto pem = decode_base64(*data);
    if (!pem || pem->empty()) return wrong(entry.place, data_name + " is not base64");
    return PemSource{std::move(*pem), {}};
  }
  return file->empty() ? PemSource{} : PemSource{{}, resolve(*file, entry.file)};
}

Result<void> refuse_unsupported(const Entry& user) {
  static constexpr std::array<std::pair<const char*, const char*>, 7> kUnsupported{{
      {"exec",
       "exec plugins are not supported, use a client certificate, token or tokenFile (a "
       "ServiceAccount's: kubectl create token NAME)"},
      {"auth-provider",
       "auth-provider plugins are not supported, use a client certificate, token or tokenFile"},
      {"username",
       "user name and password are not supported (Kubernetes dropped them in 1.19), use a client "
       "certificate or token"},
      {"password",
       "user name and password are not supported (Kubernetes dropped them in 1.19), use a client "
       "certificate or token"},
      {"as", "impersonation (as) is not supported, use credentials of the wanted user"},
      {"as-groups",
       "impersonation (as-groups) is not supported, use credentials of the wanted user"},
      {"as-uid", "impersonation (as-uid) is not supported, use credentials of the wanted user"},
  }};
  for (const auto& [field, advice] : kUnsupported) {
    if (is_set(user.body, field)) return fail(ErrorCode::kUnsupported, user.place + ": " + advice);
  }
  return {};
}

Result<void> read_user(const Entry& user, HttpClientOptions& http) {
  if (auto usable = refuse_unsupported(user); !usable) return usable;
  auto certificate = pem_field(user, "client-certificate");
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = pem_field(user, "client-key");
  if (!key) return tl::unexpected(key.error());
  if (certificate->empty() != key->empty()) {
    return wrong(user.place, "client-certificate and client-key are needed both");
  }
  const auto token = text_field(user, "token");
  if (!token) return tl::unexpected(token.error());
  const auto token_file = text_field(user, "tokenFile");
  if (!token_file) return tl::unexpected(token_file.error());
  http.certificate = std::move(*certificate);
  http.key = std::move(*key);
  // As client-go does: the file wins, because it may be rotated.
  if (!token_file->empty()) {
    http.bearer_token = token_from_file(resolve(*token_file, user.file));
  } else if (!token->empty()) {
    http.bearer_token = [text = *token]() -> Result<std::string> { return text; };
  }
  return {};
}

Result<std::string> read_cluster(const Entry& cluster, bool allow_insecure,
                                 HttpClientOptions& http) {
  auto server = text_field(cluster, "server");
  if (!server) return server;
  if (server->empty()) return wrong(cluster.place, "server is missing (https://HOST:PORT)");
  if (is_set(cluster.body, "proxy-url")) {
    return fail(
        ErrorCode::kUnsupported,
        cluster.place + ": proxy-url is not supported, use a server that can be reached directly");
  }
  auto ca = pem_field(cluster, "certificate-authority");
  if (!ca) return tl::unexpected(ca.error());
  auto name = text_field(cluster, "tls-server-name");
  if (!name) return name;
  const auto insecure = flag_field(cluster, "insecure-skip-tls-verify");
  if (!insecure) return tl::unexpected(insecure.error());
  if (*insecure && !allow_insecure) {
    return wrong(cluster.place,
                 "insecure-skip-tls-verify is refused, give certificate-authority instead (or "
                 "allow it explicitly)");
  }
  http.ca = std::move(*ca);
  http.server_name = std::move(*name);
  http.insecure_skip_verify = *insecure;
  std::string url = *server;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// The files' entries, the first file first.
class MergedConfig {
 public:
  Result<void> add(const KubeconfigText& source) {
    const auto text = yaml_to_json(source.text, source.file);
    if (!text) return tl::unexpected(text.error());
    Json json = Json::parse(*text, nullptr, false);
    if (json.is_null()) return {};  // an empty file
    if (!json.is_object()) return wrong(source.file, "is not a kubeconfig");
    if (json.value("kind", Json("Config")) != Json("Config"))
      return wrong(source.file, "kind is not Config");
    files_.push_back({std::move(json), source.file, source.file});
    return {};
  }

  // The entry `name` of list "users", whose body is in the field "user".
  [[nodiscard]] Result<Entry> find(const char* list, const char* field,
                                   const std::string& name) const {
    for (const auto& file : files_) {
      const auto entries = file.body.find(list);
      if (entries == file.body.end() || !entries->is_array()) continue;
      for (const auto& entry : *entries) {
        if (!entry.is_object() || entry.value("name", Json()) != Json(name)) continue;
        const auto body = entry.find(field);
        const std::string place = file.file + ": " + field + " \"" + name + "\"";
        if (body == entry.end() || body->is_null()) return Entry{Json::object(), file.file, place};
        if (!body->is_object()) return wrong(place, "is not a map");
        return Entry{*body, file.file, place};
      }
    }
    return fail(ErrorCode::kNotFound, all_files() + ": no " + field + " named \"" + name + "\"");
  }

  [[nodiscard]] Result<std::string> current_context() const {
    for (const auto& file : files_) {
      auto name = text_field(file, "current-context");
      if (!name || !name->empty()) return name;
    }
    return wrong(all_files(), "current-context is not set, choose one with --context");
  }

 private:
  [[nodiscard]] std::string all_files() const {
    std::string text;
    for (const auto& file : files_) text += (text.empty() ? "" : ":") + file.file;
    return text.empty() ? "kubeconfig (empty)" : text;
  }

  std::vector<Entry> files_;
};

Result<KubeConnection> connect(const MergedConfig& config, const KubeconfigChoice& choice) {
  const auto name = choice.context.empty() ? config.current_context() : choice.context;
  if (!name) return tl::unexpected(name.error());
  const auto context = config.find("contexts", "context", *name);
  if (!context) return tl::unexpected(context.error());
  const auto cluster_name = text_field(*context, "cluster");
  const auto user_name = text_field(*context, "user");
  const auto ns = text_field(*context, "namespace");
  if (!cluster_name || !user_name || !ns)
    return wrong(context->place, "cluster, user and namespace must be texts");
  if (cluster_name->empty()) return wrong(context->place, "cluster is missing");
  const auto cluster = config.find("clusters", "cluster", *cluster_name);
  if (!cluster) return tl::unexpected(cluster.error());

  KubeConnection connection;
  auto server = read_cluster(*cluster, choice.allow_insecure, connection.http);
  if (!server) return tl::unexpected(server.error());
  connection.server = std::move(*server);
  if (!user_name->empty()) {
    const auto user = config.find("users", "user", *user_name);
    if (!user) return tl::unexpected(user.error());
    if (auto done = read_user(*user, connection.http); !done) return tl::unexpected(done.error());
  }
  if (!ns->empty()) connection.default_namespace = *ns;
  connection.origin = context->place;
  return connection;
}

}  // namespace

Result<KubeConnection> parse_kubeconfig(const std::vector<KubeconfigText>& files,
                                        const KubeconfigChoice& choice) {
  MergedConfig config;
  for (const auto& file : files) {
    if (auto added = config.add(file); !added) return tl::unexpected(added.error());
  }
  return connect(config, choice);
}

}  // namespace lvs
