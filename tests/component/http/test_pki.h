// Throw-away certificates for tests, made with OpenSSL's library: no command, no files in the tree.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lvs::test {

struct PemPair {
  std::string certificate;
  std::string key;
};

struct CertificateWish {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  std::chrono::seconds valid_from{-3600};  // relative to now
  std::chrono::seconds valid_to{3600};
  const char* usage = "serverAuth,clientAuth";
};

// A certificate authority that lives in memory.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& common_name = "test-ca");
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  [[nodiscard]] const std::string& certificate() const;
  [[nodiscard]] PemPair issue(const CertificateWish& wish) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A folder of its own that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Writes by rename, as rotations do; returns the path.
  std::string write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string path(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace lvs::test
