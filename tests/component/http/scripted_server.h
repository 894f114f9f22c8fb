// A plain TCP server that says exactly what a test wants it to say, one script per connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lvs::test {

class ScriptedServer {
 public:
  // One accepted connection; closes when the script returns.
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    // Up to the end of one request's header; empty: the client has gone.
    std::string read_request();
    bool write(const std::string& bytes);
    // Waits until the client closes; false after twenty seconds.
    bool wait_for_close();

   private:
    int fd_;
  };
  using Script = std::function<void(Peer&)>;

  // `loopback`: 127.0.0.1 or ::1. Every connection runs the script on a thread of its own.
  explicit ScriptedServer(Script script, const char* loopback = "127.0.0.1");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all();

  Script script_;
  std::string host_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::thread> peers_;
  std::thread thread_;
};

// The response to a GET with a body of known length.
[[nodiscard]] std::string plain_response(const std::string& body, int status = 200);
[[nodiscard]] std::string chunked_header();
[[nodiscard]] std::string chunk(const std::string& data);
[[nodiscard]] std::string last_chunk();

}  // namespace lvs::test
