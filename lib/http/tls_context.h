// Internal to lib/http: what client and server do to an OpenSSL context. Takes native handles, so
// that the cpprest and the Beast adapter share it. Errors name the file (or "embedded data") and
// the cause.
#pragma once

#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "base/result.h"
#include "http/client.h"

namespace lvs::tls {

// The PEM text, read from its file where it is one; `what` names it in errors ("client
// certificate").
[[nodiscard]] Result<std::string> read_pem(const PemSource& source, const std::string& what);

// These certificates and no others are trusted. The server also sends their names to clients.
[[nodiscard]] Result<void> trust_only(SSL_CTX* context, const std::string& ca_pem,
                                      const std::string& what);

// A certificate with its chain and its key, which must fit together.
[[nodiscard]] Result<void> use_certificate(SSL_CTX* context, const std::string& chain_pem,
                                           const std::string& key_pem, const std::string& what);

// TLS 1.2 or newer, no compression, no renegotiation.
void use_modern_protocols(SSL_CTX* context);

// Everything that the options say about TLS.
[[nodiscard]] Result<void> configure_client(SSL_CTX* context, const HttpClientOptions& options);

// Common name and DNS names, sorted, each once.
[[nodiscard]] std::vector<std::string> certificate_names(X509* certificate);

}  // namespace lvs::tls
