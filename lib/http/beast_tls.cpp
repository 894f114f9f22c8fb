#include "http/beast_tls.h"

#include <sys/stat.h>

#include "http/tls_context.h"

namespace lvs {

Result<ServerTlsContext::Context> ServerTlsContext::current() {
  const std::lock_guard lock(mutex_);
  std::string now = fingerprint();
  if (context_ && now == seen_) return context_;
  auto fresh = load();
  if (fresh) {
    context_ = *fresh;
  } else if (!context_) {
    return fresh;
  } else if (on_error_) {
    on_error_(fresh.error().message + "; the certificate before it stays in use");
  }
  seen_ = std::move(now);
  return context_;
}

Result<ServerTlsContext::Context> ServerTlsContext::load() const {
  const auto ca = tls::read_pem({{}, files_.client_ca_file}, "client CA");
  if (!ca) return tl::unexpected(ca.error());
  const auto chain = tls::read_pem({{}, files_.certificate_file}, "server certificate");
  if (!chain) return tl::unexpected(chain.error());
  const auto key = tls::read_pem({{}, files_.key_file}, "server key");
  if (!key) return tl::unexpected(key.error());

  auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  tls::use_modern_protocols(native);
  // A resumed session would skip the look at the certificate.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (auto done = tls::trust_only(native, *ca, "client CA " + files_.client_ca_file); !done) {
    return tl::unexpected(done.error());
  }
  const std::string name = "server " + files_.certificate_file;
  if (auto done = tls::use_certificate(native, *chain, *key, name); !done) {
    return tl::unexpected(done.error());
  }
  return context;
}

std::string ServerTlsContext::fingerprint() const {
  std::string text;
  for (const auto* file : {&files_.certificate_file, &files_.key_file, &files_.client_ca_file}) {
    struct stat info {};
    if (::stat(file->c_str(), &info) != 0) {
      text += "absent;";
      continue;
    }
    for (const auto part :
         {static_cast<long long>(info.st_dev), static_cast<long long>(info.st_ino),
          static_cast<long long>(info.st_size), static_cast<long long>(info.st_mtim.tv_sec),
          static_cast<long long>(info.st_mtim.tv_nsec)}) {
      text += std::to_string(part) + ",";
    }
  }
  return text;
}

}  // namespace lvs
