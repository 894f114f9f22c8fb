#include "agent/files.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lvs {
namespace {

Result<void> sync_folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return fail_errno("sync folder", folder);
  return {};
}

}  // namespace

tl::unexpected<Error> fail_errno(const std::string& verb, const std::string& path) {
  return fail(ErrorCode::kIo,
              "cannot " + verb + " " + path + ": " + std::generic_category().message(errno));
}

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

int UniqueFd::release() { return std::exchange(fd_, -1); }

Result<void> write_all(int fd, const std::string& content, const std::string& path) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t wrote = ::write(fd, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail_errno("write", path);
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

Result<void> write_file_atomically(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".new";
  {
    const UniqueFd fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!fd.valid()) return fail_errno("create", temporary);
    if (auto written = write_all(fd.get(), content, temporary); !written) return written;
    if (::fsync(fd.get()) != 0) return fail_errno("sync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return fail_errno("replace", path);
  return sync_folder_of(path);
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT) return std::nullopt;
    return fail_errno("open", path);
  }
  std::string content;
  struct stat about {};
  if (::fstat(fd.get(), &about) == 0 && about.st_size > 0) {
    content.reserve(static_cast<std::size_t>(about.st_size));
  }
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", path);
    if (got == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("remove", path);
  return {};
}

Result<void> make_directory(const std::string& path) {
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  ::umask(before);
  if (error) {
    return fail(ErrorCode::kIo, "cannot make folder " + path + ": " + error.message());
  }
  return {};
}

}  // namespace lvs
