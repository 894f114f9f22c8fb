// Internal to lib/http: why a TLS handshake failed. Libraries above OpenSSL report only that it
// did.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <openssl/ssl.h>

#include "base/clock.h"

namespace lvs::tls {

// Remembers the last alert or refused certificate of a client's connections. Thread-safe.
class Witness {
 public:
  void saw(std::string what);
  // What was seen since then; empty: nothing.
  [[nodiscard]] std::string since(TimePoint start) const;

 private:
  mutable std::mutex mutex_;
  std::string last_;
  TimePoint when_;
};

// Every connection made from this context reports to the witness, which the context keeps alive.
void attach(SSL_CTX* context, std::shared_ptr<Witness> witness);

}  // namespace lvs::tls
