#include "agent/election/heartbeat_hmac.h"

#include <string>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace lvs {

// Set up with the key once; each message only starts it again.
struct HeartbeatKey::Context {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* state = algorithm != nullptr ? EVP_MAC_CTX_new(algorithm) : nullptr;

  Context() = default;
  ~Context() {
    EVP_MAC_CTX_free(state);
    EVP_MAC_free(algorithm);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

HeartbeatKey::HeartbeatKey(std::uint32_t id, std::unique_ptr<Context> context)
    : id_(id), context_(std::move(context)) {}
HeartbeatKey::~HeartbeatKey() = default;
HeartbeatKey::HeartbeatKey(HeartbeatKey&& other) noexcept = default;
HeartbeatKey& HeartbeatKey::operator=(HeartbeatKey&& other) noexcept = default;

Result<HeartbeatKey> HeartbeatKey::make(std::uint32_t id, std::span<const std::uint8_t> secret) {
  auto context = std::make_unique<Context>();
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  if (context->state == nullptr ||
      EVP_MAC_init(context->state, secret.data(), secret.size(), parameters.data()) != 1) {
    return fail(ErrorCode::kUnsupported,
                "heartbeat key " + std::to_string(id) + ": OpenSSL refuses HMAC-SHA-256 with it");
  }
  return HeartbeatKey(id, std::move(context));
}

bool HeartbeatKey::sign(std::span<const std::uint8_t> text, HeartbeatMac& mac) {
  EVP_MAC_CTX* state = context_->state;
  std::size_t size = 0;
  return EVP_MAC_init(state, nullptr, 0, nullptr) == 1 &&
         EVP_MAC_update(state, text.data(), text.size()) == 1 &&
         EVP_MAC_final(state, mac.data(), &size, mac.size()) == 1 && size == mac.size();
}

bool HeartbeatKey::verify(std::span<const std::uint8_t> text,
                          std::span<const std::uint8_t, 32> mac) {
  HeartbeatMac expected{};
  return sign(text, expected) && CRYPTO_memcmp(expected.data(), mac.data(), mac.size()) == 0;
}

}  // namespace lvs
