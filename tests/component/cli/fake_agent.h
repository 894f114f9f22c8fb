// An agent's listener with a scripted answer, and the certificates that go with it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.h"
#include "wire/node_state.h"

namespace lvs::cli::test {

// A folder with a CA and, per name, NAME/{tls.crt,tls.key,ca.crt}; removed at the end.
class Certificates {
 public:
  explicit Certificates(const std::vector<std::string>& nodes);
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  [[nodiscard]] std::string file(const std::string& name, const std::string& which) const {
    return folder_ + "/" + name + "/" + which;
  }

 private:
  std::string folder_;
};

class FakeAgent {
 public:
  // On 127.0.0.1 with the certificate of `name`.
  FakeAgent(const Certificates& certificates, const std::string& name, NodeState state);
  FakeAgent(const std::string& socket, NodeState state);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  // From now on requests are taken and never answered.
  void fall_silent();
  void answer_with(int status, const std::string& body);

 private:
  void start(ServerOptions options);

  std::mutex mutex_;
  bool silent_ = false;
  HttpResponse response_;
  std::vector<Responder> unanswered_;
  std::unique_ptr<HttpServer> server_;  // last: its threads use what stands above
};

}  // namespace lvs::cli::test
