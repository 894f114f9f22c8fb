#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "agent/health/beast_tls.h"
#include "http/tls_context.h"

namespace lvs {
namespace {

namespace ssl = boost::asio::ssl;

// Checks come and go with the plan; what nobody has asked for is set up again when it is needed.
constexpr std::size_t kMostContexts = 1'000;

Result<void> trust(SSL_CTX* context, const std::string& file) {
  const auto pem = tls::read_pem({"", file}, "CA");
  if (!pem) return tl::unexpected(pem.error());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return tls::trust_only(context, *pem, "CA " + file);
}

Result<void> show(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  const auto chain = tls::read_pem({"", certificate}, "client certificate");
  if (!chain) return tl::unexpected(chain.error());
  const auto secret = tls::read_pem({"", key}, "client key");
  if (!secret) return tl::unexpected(secret.error());
  return tls::use_certificate(context, *chain, *secret, "client");
}

}  // namespace

Result<CheckTls::Context> CheckTls::context(const TlsOptions& options) {
  std::string seen = fingerprint(options);
  const auto at = entries_.find(options);
  if (at != entries_.end() && at->second.seen == seen) return at->second.context;
  if (entries_.size() >= kMostContexts) entries_.clear();
  return entries_.insert_or_assign(options, Entry{std::move(seen), load(options)})
      .first->second.context;
}

Result<CheckTls::Context> CheckTls::load(const TlsOptions& options) const {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  tls::use_modern_protocols(native);
  if (options.min_version == "1.3") SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
  if (!options.insecure) {
    if (auto trusted = trust(native, folder_ + "/" + options.ca_file); !trusted) {
      return tl::unexpected(trusted.error());
    }
  }
  if (options.certificate_file.empty()) return context;
  auto shown =
      show(native, folder_ + "/" + options.certificate_file, folder_ + "/" + options.key_file);
  if (!shown) return tl::unexpected(shown.error());
  return context;
}

std::string CheckTls::fingerprint(const TlsOptions& options) const {
  std::string seen;
  for (const auto& name : {options.ca_file, options.certificate_file, options.key_file}) {
    struct stat found {};
    if (name.empty() || ::stat((folder_ + "/" + name).c_str(), &found) != 0) continue;
    seen += name + " " + std::to_string(found.st_ino) + " " + std::to_string(found.st_size) + " " +
            std::to_string(found.st_ctim.tv_sec) + "." + std::to_string(found.st_ctim.tv_nsec) +
            "\n";
  }
  return seen;
}

void expect_peer(SSL* connection, const std::string& name, const IpAddress& address) {
  if (name.empty()) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), address.to_string().c_str());
    return;
  }
  SSL_set_tlsext_host_name(connection, name.c_str());
  SSL_set1_host(connection, name.c_str());
}

std::string certificate_trouble(SSL* connection, const std::string& expected) {
  const long verdict = SSL_get_verify_result(connection);
  if (verdict == X509_V_OK) return {};
  std::string text = "the server's certificate is refused: ";
  text += X509_verify_cert_error_string(verdict);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    text += ", expected " + expected;
  }
  return text;
}

}  // namespace lvs
