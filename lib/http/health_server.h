// GET /healthz (does the program live?) and GET /readyz (is it up to its work?) over plain HTTP, for
// a kubelet or another supervisor: 200, or 503 and what is wrong. Nothing else is told.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/server.h"

namespace lvs {

// What is wrong; empty: nothing. At most once, from any thread.
using HealthVerdict = std::function<void(const std::string& problem)>;
// Has the verdict passed on, now or later. Called from the server's threads, must not block; one
// that is dropped counts as no.
using HealthQuestion = std::function<void(HealthVerdict)>;

struct HealthQuestions {
  HealthQuestion alive;
  HealthQuestion ready;
};

// Listens when it returns. The questions may be asked until the server is gone.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> start_health_server(TcpListen listen,
                                                                      HealthQuestions questions);

}  // namespace lvs
