#include "agent/http_api.h"

#include <algorithm>
#include <charconv>

#include "telemetry/log.h"
#include "wire/agent_api.h"
#include "wire/codec.h"
#include "wire/limits.h"

namespace lvs {
namespace {

constexpr const char* kHealthPath = "/healthz";
constexpr Duration kGrace{500};
constexpr Duration kEncoderSleep{60'000};

HttpResponse text(int status, const std::string& message) {
  HttpResponse response;
  response.status = status;
  response.headers["Content-Type"] = "text/plain; charset=utf-8";
  response.body = message + "\n";
  return response;
}

HttpResponse json(std::string body) {
  HttpResponse response;
  response.headers["Content-Type"] = "application/json";
  response.body = std::move(body);
  return response;
}

HttpResponse to_response(const PlanAnswer& answer) {
  switch (answer.verdict) {
    case PlanVerdict::kStored: {
      HttpResponse response = text(200, "stored");
      response.headers["ETag"] = to_etag(answer.hash);
      return response;
    }
    case PlanVerdict::kFenced:
      return text(409, answer.message);
    case PlanVerdict::kHashMismatch:
      return text(412, answer.message);
    case PlanVerdict::kNotStored:
      break;
  }
  return text(500, answer.message);
}

struct Route {
  std::string_view path;
  std::vector<std::string_view> methods;
};
const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes{{kPlanPath, {"PUT", "PATCH"}}, {kStatusPath, {"GET"}},
                                          {kStatePath, {"GET"}},         {kDrainPath, {"PUT"}},
                                          {kMovesPath, {"POST"}},        {kHealthPath, {"GET"}}};
  return kRoutes;
}

std::string join(const auto& texts, const char* between) {
  std::string all;
  for (const auto& each : texts) all.append(all.empty() ? "" : between).append(each);
  return all;
}

// Nothing: the path is known and the method allowed on it.
std::optional<HttpResponse> check_route(const ServerRequest& request) {
  std::vector<std::string_view> paths;
  for (const Route& route : routes()) {
    paths.push_back(route.path);
    if (route.path != request.path) continue;
    const auto& methods = route.methods;
    if (std::find(methods.begin(), methods.end(), request.method) == methods.end()) {
      HttpResponse response = text(405, request.method + " is not for " + request.path);
      response.headers["Allow"] = join(methods, ", ");
      return response;
    }
    if (request.path != kPlanPath || request.peer_name != kAdminName) return std::nullopt;
    return text(403, "the certificate of " + request.peer_name + " may read, drain and move VIPs");
  }
  return text(404, "no such path; there are " + join(paths, ", "));
}

DutyReply duty_reply(const std::shared_ptr<Responder>& responder) {
  return [responder](const Result<void>& done) {
    if (done) return responder->respond(text(200, "accepted"));
    const bool refused = done.error().code == ErrorCode::kConflict ||
                         done.error().code == ErrorCode::kInvalidArgument;
    responder->respond(text(refused ? 409 : 500, done.error().message));
  };
}

}  // namespace

HttpApi::HttpApi(std::function<void(AgentMessage)> post)
    : post_(std::move(post)), jobs_(std::make_shared<Mailbox<std::function<void()>>>()) {
  encoder_ = std::thread([this] { encode_jobs(); });
}

HttpApi::~HttpApi() {
  for (auto& server : servers_) server->stop(kGrace);
  jobs_->post({});
  encoder_.join();
}

void HttpApi::encode_jobs() {
  for (;;) {
    const auto job = jobs_->wait_for(kEncoderSleep);
    if (!job) continue;
    if (!*job) return;
    (*job)();
  }
}

Result<std::unique_ptr<HttpApi>> HttpApi::start(const HttpApiOptions& options,
                                                std::function<void(AgentMessage)> post) {
  std::unique_ptr<HttpApi> api(new HttpApi(std::move(post)));
  ServerOptions server;
  server.max_body_bytes = kMaxPlanBytes;
  server.on_refused = options.on_refused;
  server.on_tls_error = [](const std::string& message) {
    log_error("certificates do not load; the last good ones stay in use", {{"error", message}});
  };
  for (const TcpListen& tcp : options.listen) {
    server.tcp = tcp;
    if (auto listening = api->listen(server); !listening) {
      return tl::unexpected(listening.error());
    }
  }
  if (!options.unix_socket.empty()) {
    server.tcp.reset();
    server.unix_socket = options.unix_socket;
    if (auto listening = api->listen(server); !listening) {
      return tl::unexpected(listening.error());
    }
  }
  return api;
}

Result<void> HttpApi::listen(ServerOptions options) {
  auto server =
      start_http_server(std::move(options), [this](ServerRequest request, Responder responder) {
        handle(std::move(request), std::move(responder));
      });
  if (!server) return tl::unexpected(server.error());
  servers_.push_back(std::move(*server));
  return {};
}

std::vector<std::uint16_t> HttpApi::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& server : servers_) {
    if (server->port() != 0) ports.push_back(server->port());
  }
  return ports;
}

void HttpApi::handle(ServerRequest request, Responder responder) {
  if (auto refused = check_route(request)) {
    log_warning("request refused", {{"peer", request.peer_address}, {"reason", refused->body}});
    responder.respond(std::move(*refused));
    return;
  }
  auto shared = std::make_shared<Responder>(std::move(responder));
  if (request.path == kPlanPath) {
    handle_plan(std::move(request), std::move(shared));
  } else if (request.path == kStatusPath) {
    handle_status(request, shared);
  } else if (request.path == kStatePath) {
    handle_state(shared);
  } else if (request.path == kDrainPath || request.path == kMovesPath) {
    handle_duty(request, shared);
  } else {
    post_(HealthAsked{[shared](const std::string&) { shared->respond(text(200, "ok")); }});
  }
}

void HttpApi::handle_plan(ServerRequest request, std::shared_ptr<Responder> responder) {
  const TimePoint received = SystemClock{}.now();
  PlanReply reply = [responder](const PlanAnswer& answer) {
    responder->respond(to_response(answer));
  };
  const auto refuse = [&](const std::string& message) {
    log_warning("request refused", {{"peer", request.peer_address}, {"reason", message}});
    responder->respond(text(400, message));
  };
  if (request.method == "PUT") {
    auto plan = decode_plan(request.body);
    if (!plan) return refuse(plan.error().message);
    post_(PlanArrived{std::move(*plan), std::move(request.body), std::move(reply), received});
    return;
  }
  const auto from = parse_etag(header_or_empty(request.headers, "If-Match"));
  if (!from) return refuse("If-Match must be the hash of the plan that the patch starts from");
  auto patch = decode_patch(request.body);
  if (!patch) return refuse(patch.error().message);
  if (patch->from != *from) return refuse("If-Match is not the plan that the patch starts from");
  post_(PatchArrived{std::move(*patch), std::move(request.body), std::move(reply), received});
}

void HttpApi::handle_status(const ServerRequest& request,
                            const std::shared_ptr<Responder>& responder) {
  StatusPolled poll;
  if (const auto after = request.query.find("after"); after != request.query.end()) {
    const std::string& digits = after->second;
    std::uint64_t revision = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), revision);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      responder->respond(text(400, "after must be a revision, a whole number"));
      return;
    }
    poll.after = revision;
  }
  poll.reply = [responder](const NodeStatus& status, std::uint64_t revision) {
    HttpResponse response = json(encode(status));
    response.headers[kRevisionHeader] = std::to_string(revision);
    responder->respond(std::move(response));
  };
  post_(std::move(poll));
}

void HttpApi::handle_duty(const ServerRequest& request,
                          const std::shared_ptr<Responder>& responder) {
  const auto decoded = [&](auto asked) {
    if (!asked) return responder->respond(text(400, asked.error().message));
    log_info("asked by a person", {{"peer", request.peer_address}, {"request", request.body}});
    using Asked = std::conditional_t<std::is_same_v<decltype(asked), Result<DrainRequest>>,
                                     DrainAsked, MoveAsked>;
    post_(Asked{std::move(*asked), duty_reply(responder)});
  };
  if (request.path == kDrainPath) {
    decoded(decode_drain_request(request.body));
  } else {
    decoded(decode_move_request(request.body));
  }
}

void HttpApi::handle_state(const std::shared_ptr<Responder>& responder) {
  post_(StateRequested{[responder, jobs = jobs_](Result<NodeState> state) {
    auto shared = std::make_shared<Result<NodeState>>(std::move(state));
    jobs->post([responder, shared] {
      responder->respond(*shared ? json(encode(**shared)) : text(503, shared->error().message));
    });
  }});
}

}  // namespace lvs
