// Files that must survive a crash: what was written is there whole or not at all.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace lvs {

// Temporary file beside it, fsync, rename, fsync of the folder. Mode 0600.
Result<void> write_file_atomically(const std::string& path, const std::string& content);
// Nothing: there is no such file.
Result<std::optional<std::string>> read_file(const std::string& path);
// Nothing to remove is no error.
Result<void> remove_file(const std::string& path);
// With its parents; mode 0700 for what is made.
Result<void> make_directory(const std::string& path);

// "cannot <verb> <path>: <errno text>"
[[nodiscard]] tl::unexpected<Error> fail_errno(const std::string& verb, const std::string& path);

// A file descriptor that is closed with its owner.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd();
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  int release();

 private:
  int fd_;
};

// All of it, or an error.
Result<void> write_all(int fd, const std::string& content, const std::string& path);

}  // namespace lvs
