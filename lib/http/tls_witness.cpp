#include "http/tls_witness.h"

namespace lvs::tls {
namespace {

using Holder = std::shared_ptr<Witness>;

void free_holder(void*, void* pointer, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Holder*>(pointer);
}

int holder_index() {
  static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_holder);
  return kIndex;
}

// A refused certificate of the server shows as an alert that we send; the cause is in the result.
std::string describe(const SSL* connection, int where, int alert) {
  const long verified = SSL_get_verify_result(connection);
  const bool sent = (where & SSL_CB_WRITE) != 0;
  if (sent && verified != X509_V_OK) {
    return std::string("the server's certificate is refused: ") +
           X509_verify_cert_error_string(verified);
  }
  return std::string("TLS alert ") + (sent ? "sent: " : "from the server: ") +
         SSL_alert_desc_string_long(alert);
}

void on_info(const SSL* connection, int where, int value) {
  if ((where & SSL_CB_ALERT) == 0) return;
  constexpr int kCloseNotify = 0;
  if ((value & 0xff) == kCloseNotify) return;
  void* holder = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), holder_index());
  if (holder != nullptr) (*static_cast<Holder*>(holder))->saw(describe(connection, where, value));
}

}  // namespace

void Witness::saw(std::string what) {
  const std::lock_guard lock(mutex_);
  last_ = std::move(what);
  when_ = SystemClock{}.now();
}

std::string Witness::since(TimePoint start) const {
  const std::lock_guard lock(mutex_);
  return when_ >= start ? last_ : std::string{};
}

void attach(SSL_CTX* context, std::shared_ptr<Witness> witness) {
  SSL_CTX_set_ex_data(context, holder_index(), new Holder(std::move(witness)));
  SSL_CTX_set_info_callback(context, on_info);
}

}  // namespace lvs::tls
