#include "tests/component/http/test_pki.h"

#include <atomic>
#include <fstream>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

namespace lvs::test {
namespace {

EVP_PKEY* new_key() { return EVP_EC_gen("P-256"); }

template <typename Write>
std::string pem_text(const Write& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string pem_of(X509* certificate) {
  return pem_text([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem_text(
      [&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* blank(const CertificateWish& wish, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_to.count());
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1,
                             -1, 0);
  return certificate;
}

std::string alternative_names(const CertificateWish& wish) {
  std::string text;
  for (const auto& name : wish.dns_names) text += (text.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& address : wish.addresses) text += (text.empty() ? "IP:" : ",IP:") + address;
  return text;
}

}  // namespace

struct TestAuthority::State {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  std::string pem;
};

TestAuthority::TestAuthority(const std::string& common_name) : state_(std::make_unique<State>()) {
  CertificateWish wish;
  wish.common_name = common_name;
  state_->key = new_key();
  state_->certificate = blank(wish, state_->key);
  X509* certificate = state_->certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate, state_->key, EVP_sha256());
  state_->pem = pem_of(certificate);
}

TestAuthority::~TestAuthority() {
  X509_free(state_->certificate);
  EVP_PKEY_free(state_->key);
}

const std::string& TestAuthority::certificate() const { return state_->pem; }

PemPair TestAuthority::issue(const CertificateWish& wish) const {
  EVP_PKEY* key = new_key();
  X509* certificate = blank(wish, key);
  X509_set_issuer_name(certificate, X509_get_subject_name(state_->certificate));
  extend(certificate, state_->certificate, NID_ext_key_usage, wish.usage);
  const std::string names = alternative_names(wish);
  if (!names.empty()) extend(certificate, state_->certificate, NID_subject_alt_name, names);
  X509_sign(certificate, state_->key, EVP_sha256());
  PemPair pair{pem_of(certificate), pem_of(key)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lvs-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::path(const std::string& name) const { return (path_ / name).string(); }

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const std::string target = path(name);
  std::ofstream(target + ".new", std::ios::binary) << text;
  std::filesystem::rename(target + ".new", target);
  return target;
}

}  // namespace lvs::test
