// The agent's HTTP interface (lib/wire/agent_api.h) in front of the loop's mailbox.
//
// Handlers decode, post and return; the loop's answers go out through the kept Responder. What is
// large to encode is encoded on a thread of its own, so that the loop is not held up.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "agent/messages.h"
#include "base/mailbox.h"
#include "http/server.h"

namespace lvs {

struct HttpApiOptions {
  std::vector<TcpListen> listen;
  std::string unix_socket;  // empty: none
  std::function<void(const std::string& peer, const std::string& reason)> on_refused;
};

class HttpApi {
 public:
  // Listens when it returns. `post` may be called from any thread until the HttpApi is gone.
  static Result<std::unique_ptr<HttpApi>> start(const HttpApiOptions& options,
                                                std::function<void(AgentMessage)> post);
  ~HttpApi();
  HttpApi(const HttpApi&) = delete;
  HttpApi& operator=(const HttpApi&) = delete;

  // The ports of the TCP listeners, in the order of the options.
  [[nodiscard]] std::vector<std::uint16_t> ports() const;

 private:
  explicit HttpApi(std::function<void(AgentMessage)> post);
  Result<void> listen(ServerOptions options);
  void handle(ServerRequest request, Responder responder);
  void handle_plan(ServerRequest request, std::shared_ptr<Responder> responder);
  void handle_status(const ServerRequest& request, const std::shared_ptr<Responder>& responder);
  void handle_state(const std::shared_ptr<Responder>& responder);
  void handle_duty(const ServerRequest& request, const std::shared_ptr<Responder>& responder);
  void encode_jobs();

  std::function<void(AgentMessage)> post_;
  // An empty job ends the thread.
  std::shared_ptr<Mailbox<std::function<void()>>> jobs_;
  std::thread encoder_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
};

}  // namespace lvs
