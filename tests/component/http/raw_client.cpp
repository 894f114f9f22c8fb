#include "tests/component/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace lvs::test {
namespace {

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval longest{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

void use(SSL_CTX* context, const PemPair& identity) {
  BIO* certificate_bio = BIO_new_mem_buf(identity.certificate.data(), -1);
  X509* certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  X509_free(certificate);
  BIO_free(certificate_bio);
  BIO* key_bio = BIO_new_mem_buf(identity.key.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_PrivateKey(context, key);
  EVP_PKEY_free(key);
  BIO_free(key_bio);
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(connect_to(port)), connected_(socket_ >= 0) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
}

RawClient::RawClient(std::uint16_t port, const PemPair& identity) : RawClient(port) {
  context_ = SSL_CTX_new(TLS_client_method());
  if (!identity.certificate.empty()) use(context_, identity);
  tls_ = SSL_new(context_);
  SSL_set_fd(tls_, socket_);
  connected_ = connected_ && SSL_connect(tls_) == 1;
}

RawClient::~RawClient() {
  SSL_free(tls_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::write(std::string_view bytes) {
  if (tls_ != nullptr) return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
}

int RawClient::read_some(char* buffer, int size) {
  if (tls_ != nullptr) return SSL_read(tls_, buffer, size);
  return static_cast<int>(::recv(socket_, buffer, static_cast<std::size_t>(size), 0));
}

std::string RawClient::read_all() { return read_until({}); }

std::string RawClient::read_until(std::string_view text) {
  std::string all;
  char buffer[4096];
  while (text.empty() || all.find(text) == std::string::npos) {
    const int got = read_some(buffer, sizeof buffer);
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace lvs::test
