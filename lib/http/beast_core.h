// Internal to lib/http/beast_*: what the connections of one server share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "http/server.h"

namespace lvs {

// One connection, as the server sees it.
class Connection {
 public:
  virtual ~Connection() = default;
  // On any thread: closes now where nothing is in work, else (or with `force`, at once) after the
  // answer.
  virtual void end(bool force) = 0;
};

// Lives as long as any connection: a Responder kept beyond the server's end still finds an
// io_context.
struct ServerCore {
  ServerCore(ServerOptions given, ServerHandler handle)
      : options(std::move(given)), handler(std::move(handle)) {}

  const ServerOptions options;
  const ServerHandler handler;
  boost::asio::io_context io;

  // False: the connection is one too many.
  bool enter(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex);
    if (stopping || connections.size() >= options.max_connections) return false;
    connections.emplace(connection.get(), connection);
    return true;
  }
  void leave(const Connection* connection) {
    const std::lock_guard lock(mutex);
    connections.erase(connection);
    if (connections.empty()) all_gone.notify_all();
  }
  // Runs `work` on the executor, unless the server has ended: then nobody would ever run it.
  template <typename Executor, typename Work>
  void post(const Executor& executor, Work work) {
    const std::lock_guard lock(mutex);
    if (!ended) boost::asio::post(executor, std::move(work));
  }
  void refused(const std::string& peer, const std::string& reason) const {
    if (options.on_refused) options.on_refused(peer, reason);
  }

  std::mutex mutex;
  std::condition_variable all_gone;
  std::map<const Connection*, std::weak_ptr<Connection>> connections;
  std::atomic<bool> stopping = false;  // no new requests
  bool ended = false;                  // nothing runs any more; under the mutex
};

}  // namespace lvs
