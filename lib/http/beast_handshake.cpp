#include "http/beast_handshake.h"

#include <algorithm>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/tls_context.h"

namespace lvs {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "no name" : text;
}

int ssl_reason(const boost::system::error_code& error) {
  if (error.category() != boost::asio::error::get_ssl_category()) return 0;
  return ERR_GET_REASON(static_cast<unsigned long>(error.value()));
}

}  // namespace

bool ClientIdentity::verify(bool preverified, boost::asio::ssl::verify_context& context) {
  X509_STORE_CTX* store = context.native_handle();
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  const auto names =
      certificate == nullptr ? std::vector<std::string>{} : tls::certificate_names(certificate);
  if (!preverified) {
    refusal_ = "client certificate of " + joined(names) +
               " refused: " + X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
    return false;
  }
  if (X509_STORE_CTX_get_error_depth(store) != 0) return true;
  const auto match =
      std::find_first_of(names.begin(), names.end(), allowed_.begin(), allowed_.end());
  if (!allowed_.empty() && match == names.end()) {
    refusal_ = "client certificate of " + joined(names) + " refused: not an allowed client (" +
               joined(allowed_) + ")";
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return false;
  }
  if (!names.empty()) name_ = allowed_.empty() ? names.front() : *match;
  return true;
}

std::string ClientIdentity::reason(const boost::system::error_code& error) const {
  if (!refusal_.empty()) return refusal_;
  if (is_plain_http(error)) return "plain HTTP on a TLS port";
  if (error == boost::beast::error::timeout) return "no TLS handshake in time";
  if (error == boost::asio::error::eof || error == boost::asio::error::connection_reset ||
      error == boost::asio::ssl::error::stream_truncated) {
    return "closed during the TLS handshake";
  }
  switch (ssl_reason(error)) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "no client certificate";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNEXPECTED_MESSAGE:
      return "not TLS";
    default:
      return "TLS handshake failed: " + error.message();
  }
}

bool is_plain_http(const boost::system::error_code& error) {
  const int reason = ssl_reason(error);
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST;
}

}  // namespace lvs
