#include "http/tls_context.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace lvs::tls {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{4} << 20U;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

Bio memory_bio(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

tl::unexpected<Error> unusable(const std::string& what) {
  return fail(ErrorCode::kInvalidArgument, what + ": " + last_error());
}

// OpenSSL would otherwise ask for a pass phrase on the terminal.
int refuse_passphrase(char*, int, int, void*) { return 0; }

Certificate next_certificate(BIO* bio) {
  return Certificate(PEM_read_bio_X509(bio, nullptr, refuse_passphrase, nullptr));
}

std::string text_of(const ASN1_STRING* value) {
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  std::string text(size, '\0');
  if (size > 0) std::memcpy(text.data(), ASN1_STRING_get0_data(value), size);
  // A name with a zero byte inside would read as another one.
  return text.find('\0') == std::string::npos ? text : std::string{};
}

// Where OpenSSL looks for the system's CAs.
struct SystemTrust {
  std::string file;
  std::string directory;
};

std::string take_variable(const char* name, const char* otherwise) {
  const char* value = secure_getenv(name);
  std::string found = value == nullptr ? otherwise : value;
  setenv(name, "/dev/null", 1);
  return found;
}

// cpprestsdk loads the system's CAs for every new connection before it asks us, 25 ms of CPU for
// 140 certificates that trust_only() drops at once. So it is shown none, and who wants them gets
// them from trust_system(). Before main(), because setenv() does not go together with threads.
const SystemTrust kSystemTrust{
    take_variable(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
    take_variable(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())};

void trust_system(SSL_CTX* context) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_load_file(store, kSystemTrust.file.c_str());
  X509_STORE_load_path(store, kSystemTrust.directory.c_str());
  ERR_clear_error();  // without any CA every certificate is refused, which says enough
}

}  // namespace

Result<std::string> read_pem(const PemSource& source, const std::string& what) {
  if (!source.text.empty()) return source.text;
  std::ifstream file(source.file, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::kInvalidArgument,
                what + " " + source.file + ": cannot be read: " + std::strerror(errno));
  }
  std::ostringstream text;
  text << file.rdbuf();
  std::string pem = std::move(text).str();
  if (pem.empty())
    return fail(ErrorCode::kInvalidArgument, what + " " + source.file + ": is empty");
  if (pem.size() > kMaxPemBytes) {
    return fail(ErrorCode::kInvalidArgument, what + " " + source.file + ": larger than 4 MiB");
  }
  return pem;
}

Result<void> trust_only(SSL_CTX* context, const std::string& ca_pem, const std::string& what) {
  X509_STORE* store = X509_STORE_new();
  // A CA that another one signed is an anchor too, as it is for Kubernetes' own clients.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_cert_store(context, store);  // takes ownership, drops what was trusted before
  const Bio bio = memory_bio(ca_pem);
  int count = 0;
  while (const Certificate certificate = next_certificate(bio.get())) {
    X509_STORE_add_cert(store, certificate.get());
    SSL_CTX_add_client_CA(context, certificate.get());
    ++count;
  }
  if (count == 0) return unusable(what + ": no certificate in it");
  ERR_clear_error();  // the end of the file
  return {};
}

Result<void> use_certificate(SSL_CTX* context, const std::string& chain_pem,
                             const std::string& key_pem, const std::string& what) {
  const Bio chain = memory_bio(chain_pem);
  const Certificate leaf = next_certificate(chain.get());
  if (!leaf) return unusable(what + " certificate: no certificate in it");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return unusable(what + " certificate");
  SSL_CTX_clear_chain_certs(context);
  while (const Certificate issuer = next_certificate(chain.get())) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return unusable(what + " chain");
  }
  ERR_clear_error();
  const Bio key_bio = memory_bio(key_pem);
  const Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, refuse_passphrase, nullptr));
  if (!key) return unusable(what + " key (PEM, not encrypted)");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return unusable(what + " key does not belong to the certificate");
  }
  return {};
}

void use_modern_protocols(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

Result<void> configure_client(SSL_CTX* context, const HttpClientOptions& options) {
  use_modern_protocols(context);
  if (options.ca.empty()) {
    trust_system(context);
  } else {
    const auto pem = read_pem(options.ca, "CA");
    if (!pem) return tl::unexpected(pem.error());
    if (auto trusted = trust_only(context, *pem, "CA " + options.ca.file); !trusted) return trusted;
  }
  if (options.certificate.empty() && options.key.empty()) return {};
  const auto chain = read_pem(options.certificate, "client certificate");
  if (!chain) return tl::unexpected(chain.error());
  const auto key = read_pem(options.key, "client key");
  if (!key) return tl::unexpected(key.error());
  return use_certificate(context, *chain, *key, "client");
}

std::vector<std::string> certificate_names(X509* certificate) {
  std::vector<std::string> names;
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) {
    names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  }
  const Names alternatives(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
  }
  std::erase(names, std::string{});
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace lvs::tls
