// What the API server's refusals mean.

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "kube/api_client.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxQuotedBody = 300;

ErrorCode code_of(int status, const std::string& reason) {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 410:
      return ErrorCode::kConflict;
    case 405:
    case 406:
    case 415:
      return ErrorCode::kUnsupported;
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
  }
}

std::string string_field(const Json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string{};
}

// One line, for an error message.
std::string quoted(std::string text) {
  if (text.size() > kMaxQuotedBody) text = text.substr(0, kMaxQuotedBody) + "...";
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

std::string hint(int status) {
  if (status == 401)
    return "; the token or client certificate is not accepted, check the kubeconfig";
  if (status == 403) return "; grant it with RBAC";
  return {};
}

}  // namespace

Error error_of(const HttpResponse& response) {
  const Json status = Json::parse(response.body, nullptr, false);
  const bool understood = status.is_object() && string_field(status, "kind") == "Status";
  const std::string reason = understood ? string_field(status, "reason") : std::string{};
  const std::string message = understood ? string_field(status, "message") : response.body;
  std::string text = "the API server answered " + std::to_string(response.status);
  if (!reason.empty()) text += " " + reason;
  if (!message.empty()) text += ": " + quoted(message);
  return {code_of(response.status, reason), text + hint(response.status)};
}

std::optional<Duration> retry_after(const HttpResponse& response) {
  if (response.status != 429 && response.status != 503) return std::nullopt;
  const std::string_view text = header_or_empty(response.headers, "Retry-After");
  std::uint32_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || rest != text.data() + text.size() || text.empty())
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace lvs
