// Internal to lib/http/beast_*: the server's TLS context, made anew when one of its files has
// changed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "http/server.h"

namespace lvs {

class ServerTlsContext {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  ServerTlsContext(ServerTls files, std::function<void(const std::string&)> on_error)
      : files_(std::move(files)), on_error_(std::move(on_error)) {}

  // For the next connection. An error only while no set of files has ever been usable; later ones
  // keep the last good set and go to on_error, once per change of the files. Thread-safe.
  [[nodiscard]] Result<Context> current();
  [[nodiscard]] const std::vector<std::string>& allowed_clients() const {
    return files_.allowed_clients;
  }

 private:
  [[nodiscard]] Result<Context> load() const;
  [[nodiscard]] std::string fingerprint() const;

  ServerTls files_;
  std::function<void(const std::string&)> on_error_;
  std::mutex mutex_;
  Context context_;
  std::string seen_;
};

}  // namespace lvs
