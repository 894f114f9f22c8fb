#include <charconv>

#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs {
namespace {

constexpr Duration kSimpleTimeout{10'000};
// A whole plan may be tens of megabytes, stored on a slow disk before the answer.
constexpr Duration kPlanTimeout{60'000};
constexpr std::size_t kLongestQuote = 300;

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
    case 405:
      return ErrorCode::kUnsupported;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    case 500:
      return ErrorCode::kIo;  // it could not store what it was sent
    default:
      return ErrorCode::kUnavailable;
  }
}

Result<ContentHash> stored_hash(const Result<HttpResponse>& response) {
  if (!response) return tl::unexpected<Error>(response.error());
  return parse_etag(header_or_empty(response->headers, "ETag"));
}

HttpRequest plan_request(const char* method, std::string body) {
  HttpRequest request;
  request.method = method;
  request.path_and_query = kPlanPath;
  request.headers["Content-Type"] = "application/json";
  request.body = std::move(body);
  request.timeout = kPlanTimeout;
  return request;
}

}  // namespace

// The answer where the status is 200; the body of others says why.
Result<HttpResponse> AgentClient::send(HttpRequest request) {
  request.stop = stop_;
  auto response = http_.send(request);
  if (!response || response->status == 200) return response;
  std::string said = response->body.substr(0, kLongestQuote);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return fail(code_of(response->status), request.method + " " + request.path_and_query +
                                             ": the agent answered " +
                                             std::to_string(response->status) + ": " + said);
}

std::string to_etag(const ContentHash& hash) { return '"' + hash.to_string() + '"'; }

Result<ContentHash> parse_etag(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return ContentHash::parse(text);
}

Result<ContentHash> AgentClient::put_plan(std::string body) {
  return stored_hash(send(plan_request("PUT", std::move(body))));
}

Result<ContentHash> AgentClient::patch_plan(const ContentHash& from, std::string body) {
  auto request = plan_request("PATCH", std::move(body));
  request.headers["If-Match"] = to_etag(from);
  return stored_hash(send(std::move(request)));
}

Result<StatusAnswer> AgentClient::status(std::optional<std::uint64_t> after_revision) {
  HttpRequest request;
  request.path_and_query = kStatusPath;
  request.timeout = kSimpleTimeout;
  if (after_revision) {
    request.path_and_query += "?after=" + std::to_string(*after_revision);
    request.timeout += kLongestPoll;
  }
  const auto response = send(request);
  if (!response) return tl::unexpected<Error>(response.error());
  StatusAnswer answer;
  const auto text = header_or_empty(response->headers, kRevisionHeader);
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, answer.revision);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return fail(ErrorCode::kCorrupt, request.path_and_query + ": no " + kRevisionHeader +
                                         " in the answer; is this an agent?");
  }
  auto status = decode_status(response->body);
  if (!status) return fail_at(request.path_and_query, status.error());
  answer.status = std::move(*status);
  return answer;
}

Result<void> AgentClient::set_drained(bool drained) {
  HttpRequest request;
  request.method = "PUT";
  request.path_and_query = kDrainPath;
  request.body = encode(DrainRequest{drained});
  request.timeout = kSimpleTimeout;
  return send(std::move(request)).map([](const HttpResponse&) {});
}

Result<void> AgentClient::move(const MoveRequest& move) {
  HttpRequest request;
  request.method = "POST";
  request.path_and_query = kMovesPath;
  request.body = encode(move);
  request.timeout = kSimpleTimeout;
  return send(std::move(request)).map([](const HttpResponse&) {});
}

Result<NodeState> AgentClient::state() {
  HttpRequest request;
  request.path_and_query = kStatePath;
  const auto response = send(request);
  if (!response) return tl::unexpected<Error>(response.error());
  return decode_state(response->body);
}

}  // namespace lvs
