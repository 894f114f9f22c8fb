// A client that can do what a well-behaved one does not: any bytes, at any pace, with or without
// TLS.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "tests/component/http/test_pki.h"

namespace lvs::test {

class RawClient {
 public:
  // Plain TCP to 127.0.0.1.
  explicit RawClient(std::uint16_t port);
  // TLS without verification; an empty pair: no client certificate. See connected().
  RawClient(std::uint16_t port, const PemPair& identity);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  // False: the server has closed.
  bool write(std::string_view bytes);
  // All until the server closes or falls silent for two seconds.
  std::string read_all();
  // Until the text has been seen, or as read_all().
  std::string read_until(std::string_view text);

 private:
  int read_some(char* buffer, int size);

  int socket_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  bool connected_ = false;
};

}  // namespace lvs::test
