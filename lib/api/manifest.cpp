#include <utility>

#include "api/codec_internal.h"
#include "api/yaml.h"
#include "api/yaml_document.h"

namespace lvs {
namespace {

constexpr const char* kDefaultNamespace = "default";
// apiVersion v1, kind List; the items of a VirtualServiceList are the same to us.
constexpr std::string_view kListSuffix = "List";

bool is_list(const Json& json) {
  if (!json.is_object()) return false;
  const auto kind = json.find("kind");
  return kind != json.end() && kind->is_string() && json.contains("items") &&
         kind->get_ref<const std::string&>().ends_with(kListSuffix);
}

class ManifestReader {
 public:
  explicit ManifestReader(const std::string& file) : file_(file) {}

  ParsedManifest read(std::string_view text) {
    for (const auto& document : parse_yaml_documents(text, file_)) {
      ++parsed_.documents;
      if (!document.json) {
        parsed_.problems.push_back({document.line, document.json.error()});
      } else if (is_list(*document.json)) {
        read_list(document, *document.json);
      } else {
        read_object(document, *document.json, Json::json_pointer());
      }
    }
    return std::move(parsed_);
  }

 private:
  [[nodiscard]] std::string place(int line) const { return file_ + ":" + std::to_string(line); }

  void read_list(const YamlDocument& document, const Json& list) {
    const Json::json_pointer items("/items");
    if (!list["items"].is_array()) {
      const int line = document.line_of(items);
      parsed_.problems.push_back(
          {line, {ErrorCode::kInvalidArgument, place(line) + ": items of a List must be a list"}});
      return;
    }
    for (std::size_t i = 0; i < list["items"].size(); ++i) {
      read_object(document, list["items"][i], items / i);
    }
  }

  void read_object(const YamlDocument& document, const Json& object,
                   const Json::json_pointer& where) {
    DecodeLog log{UnknownFields::kRefuse, {}};
    auto resource = decode_resource(object, log);
    if (!resource) {
      const int line = document.line_of(where / log.problems.front().where);
      const auto error = decode_error(object, log.problems);
      parsed_.problems.push_back({line, fail_at(place(line), error).value()});
      return;
    }
    const int line = where.empty() ? document.line : document.line_of(where);
    settle(*resource, line);
    parsed_.resources.push_back(std::move(*resource));
  }

  void settle(Resource& resource, int line) const {
    const bool namespaced = kind_of(resource) != Kind::kNode;
    std::visit(
        [&](auto& object) {
          object.meta.origin = place(line);
          if (!namespaced) object.meta.key.ns.clear();
          if (namespaced && object.meta.key.ns.empty()) object.meta.key.ns = kDefaultNamespace;
        },
        resource);
  }

  const std::string& file_;
  ParsedManifest parsed_;
};

}  // namespace

ParsedManifest parse_manifest(std::string_view text, const std::string& file) {
  return ManifestReader(file).read(text);
}

}  // namespace lvs
