// Internal to lib/http/beast_*: who the client is, and why a handshake failed, in words.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/ssl/verify_context.hpp>
#include <boost/system/error_code.hpp>

namespace lvs {

// The verify callback of one connection; lives as long as it.
class ClientIdentity {
 public:
  // `allowed` must outlive this; empty: all that the CA signed.
  explicit ClientIdentity(const std::vector<std::string>& allowed) : allowed_(allowed) {}

  bool verify(bool preverified, boost::asio::ssl::verify_context& context);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string reason(const boost::system::error_code& error) const;

 private:
  const std::vector<std::string>& allowed_;
  std::string name_;
  std::string refusal_;
};

[[nodiscard]] bool is_plain_http(const boost::system::error_code& error);

}  // namespace lvs
