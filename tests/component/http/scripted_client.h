// The client under test, as the tests ask with it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "http/client.h"
#include "tests/component/http/scripted_server.h"

namespace lvs::test {

inline std::unique_ptr<HttpClient> client_of(const ScriptedServer& server,
                                             HttpClientOptions options = {}) {
  auto made = make_http_client(server.url(), std::move(options));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

inline HttpRequest quick(std::string path = "/") {
  HttpRequest request;
  request.path_and_query = std::move(path);
  request.timeout = Duration{20'000};
  return request;
}

// For what ends within milliseconds on an idle machine.
inline constexpr std::chrono::seconds kGenerous{20};

}  // namespace lvs::test
