// Internal to agent/health: TLS of HTTPS checks. Certificates come from files in one folder, and
// are read again when a file has changed; what does not change is set up once for all checks.
//
// Threads: the one that runs the checks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "api/health_check.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace lvs {

class CheckTls {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  // `folder`: where the files of the checks are. It need not exist as long as no check names a file.
  explicit CheckTls(std::string folder) : folder_(std::move(folder)) {}

  // Errors name the file.
  [[nodiscard]] Result<Context> context(const TlsOptions& options);

 private:
  struct Entry {
    std::string seen;  // of the files
    Result<Context> context;
  };

  [[nodiscard]] Result<Context> load(const TlsOptions& options) const;
  [[nodiscard]] std::string fingerprint(const TlsOptions& options) const;

  std::string folder_;
  std::map<TlsOptions, Entry> entries_;
};

// Asks for this name and wants it in the certificate; empty: the certificate has to name the
// address.
void expect_peer(SSL* connection, const std::string& name, const IpAddress& address);

// Why a handshake has failed because of the server's certificate; empty: for another reason.
[[nodiscard]] std::string certificate_trouble(SSL* connection, const std::string& expected);

}  // namespace lvs
