// A server on loopback with certificates of its own, and what it reported.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server.h"
#include "tests/component/http/raw_client.h"
#include "tests/component/http/test_pki.h"

namespace lvs::test {

class Refusals {
 public:
  void add(std::string peer, std::string reason) {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(std::move(peer), std::move(reason));
    changed_.notify_all();
  }
  // The first one, waited for at most twenty seconds; empty texts: none came.
  std::pair<std::string, std::string> first() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !all_.empty(); });
    return all_.empty() ? std::pair<std::string, std::string>{} : all_.front();
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::string>> all_;
};

class ServerTest : public ::testing::Test {
 protected:
  // Writes certificates and returns options that let "operator" in.
  ServerOptions options() {
    const PemPair identity = ca.issue({"node-1", {"node-1"}, {"127.0.0.1", "::1"}});
    ServerOptions options;
    options.tcp = TcpListen{"127.0.0.1",
                            0,
                            {folder.write("server.crt", identity.certificate),
                             folder.write("server.key", identity.key),
                             folder.write("ca.crt", ca.certificate()),
                             {"operator"}}};
    options.on_refused = [this](const std::string& peer, const std::string& reason) {
      refusals.add(peer, reason);
    };
    options.on_tls_error = [this](const std::string& message) { tls_errors.add("", message); };
    return options;
  }

  void start(ServerOptions with, ServerHandler handler) {
    auto started = start_http_server(std::move(with), std::move(handler));
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  // Answers "METHOD path name body-size".
  static void echo(const ServerRequest& request, Responder responder) {
    responder.respond({200,
                       {{"X-Test", "yes"}},
                       request.method + " " + request.path + " " + request.peer_name + " " +
                           std::to_string(request.body.size())});
  }

  HttpClientOptions client_options(const PemPair& identity) const {
    HttpClientOptions options;
    options.ca.text = ca.certificate();
    options.certificate.text = identity.certificate;
    options.key.text = identity.key;
    return options;
  }

  std::unique_ptr<HttpClient> client(HttpClientOptions with) {
    auto made =
        make_http_client("https://127.0.0.1:" + std::to_string(server->port()), std::move(with));
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  std::unique_ptr<HttpClient> client() { return client(client_options(operator_identity)); }

  TestAuthority ca;
  TemporaryFolder folder;
  Refusals refusals;
  Refusals tls_errors;
  PemPair operator_identity = ca.issue({"operator", {}, {}});
  std::unique_ptr<HttpServer> server;
};

}  // namespace lvs::test
