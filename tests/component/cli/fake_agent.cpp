#include "fake_agent.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

#include "wire/agent_api.h"
#include "wire/codec.h"

namespace lvs::cli::test {

Certificates::Certificates(const std::vector<std::string>& nodes) {
  std::string pattern = testing::TempDir() + "/lvsctl-certificates-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  std::string command = std::string(LVS_SOURCE_DIR) + "/scripts/make-certs.sh " + folder_;
  for (const auto& node : nodes) command += " " + node;
  if (std::system((command + " >/dev/null").c_str()) != 0) throw std::runtime_error(command);
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

FakeAgent::FakeAgent(const Certificates& certificates, const std::string& name, NodeState state) {
  response_.body = encode(state);
  ServerOptions options;
  options.tcp = TcpListen{.address = "127.0.0.1",
                          .port = 0,
                          .tls = {.certificate_file = certificates.file(name, "tls.crt"),
                                  .key_file = certificates.file(name, "tls.key"),
                                  .client_ca_file = certificates.file(name, "ca.crt"),
                                  .allowed_clients = {kOperatorName, kAdminName}}};
  start(std::move(options));
}

FakeAgent::FakeAgent(const std::string& socket, NodeState state) {
  response_.body = encode(state);
  ServerOptions options;
  options.unix_socket = socket;
  start(std::move(options));
}

void FakeAgent::start(ServerOptions options) {
  auto server = start_http_server(
      std::move(options), [this](const ServerRequest& request, Responder responder) {
        const std::lock_guard lock(mutex_);
        if (silent_) {
          unanswered_.push_back(std::move(responder));
        } else if (request.path == kStatePath) {
          responder.respond(response_);
        } else {
          responder.respond({.status = 404, .headers = {}, .body = "no " + request.path});
        }
      });
  if (!server) throw std::runtime_error(server.error().message);
  server_ = std::move(*server);
}

void FakeAgent::fall_silent() {
  const std::lock_guard lock(mutex_);
  silent_ = true;
}

void FakeAgent::answer_with(int status, const std::string& body) {
  const std::lock_guard lock(mutex_);
  response_.status = status;
  response_.body = body;
}

}  // namespace lvs::cli::test
