#include "http/health_server.h"

namespace lvs {
namespace {

HttpResponse health_answer(int status, const std::string& message) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, message + "\n"};
}

HealthVerdict verdict_to(Responder responder) {
  const auto shared = std::make_shared<Responder>(std::move(responder));
  return [shared](const std::string& problem) {
    shared->respond(problem.empty() ? health_answer(200, "ok") : health_answer(503, problem));
  };
}

}  // namespace

Result<std::unique_ptr<HttpServer>> start_health_server(TcpListen listen,
                                                        HealthQuestions questions) {
  constexpr std::size_t kMostConnections = 16;
  ServerOptions options;
  options.tcp = std::move(listen);
  options.tcp->plain = true;
  options.max_body_bytes = 0;
  options.max_connections = kMostConnections;
  options.threads = 1;
  const auto answer = [questions = std::move(questions)](const ServerRequest& request,
                                                         Responder responder) {
    const bool live = request.path == "/healthz";
    if (!live && request.path != "/readyz") {
      return responder.respond(health_answer(404, "no such path; there are /healthz, /readyz"));
    }
    if (request.method != "GET" && request.method != "HEAD") {
      return responder.respond(health_answer(405, "only GET is answered"));
    }
    (live ? questions.alive : questions.ready)(verdict_to(std::move(responder)));
  };
  return start_http_server(std::move(options), answer);
}

}  // namespace lvs
