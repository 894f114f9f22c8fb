#include "agent/election/heartbeat_keys.h"

#include <charconv>
#include <fstream>
#include <iterator>

#include <sys/stat.h>

#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr std::size_t kMaxKeys = 2;

// Does not leave the secret in memory that is used again.
template <typename Container>
class Wiped {
 public:
  explicit Wiped(Container value = {}) : value_(std::move(value)) {}
  ~Wiped() {
    volatile auto* bytes = value_.data();
    for (std::size_t i = 0; i < value_.size(); ++i) bytes[i] = {};
  }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  Container& operator*() { return value_; }

 private:
  Container value_;
};

using Secret = Wiped<std::vector<std::uint8_t>>;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool read_hex(std::string_view text, std::vector<std::uint8_t>& bytes) {
  if (text.size() % 2 != 0) return false;
  bytes.reserve(text.size() / 2);
  for (; !text.empty(); text.remove_prefix(2)) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, byte, 16);
    if (error != std::errc{} || end != text.data() + 2) return false;
    bytes.push_back(byte);
  }
  return true;
}

Result<HeartbeatKey> parse_key(std::string_view line) {
  const auto colon = line.find(':');
  std::uint32_t id = 0;
  const auto* id_end = line.data() + std::min(colon, line.size());
  const auto [end, error] = std::from_chars(line.data(), id_end, id);
  if (colon == std::string_view::npos || error != std::errc{} || end != id_end) {
    return fail(ErrorCode::kInvalidArgument, "must be id:hex with a number as id");
  }
  Secret secret;
  (*secret).reserve(kMaxHeartbeatSecret);
  const std::string_view hex = line.substr(colon + 1);
  if (hex.size() > 2 * kMaxHeartbeatSecret || !read_hex(hex, *secret)) {
    return fail(ErrorCode::kInvalidArgument,
                "the key must be at most 128 bytes in hexadecimal digits (openssl rand -hex 32)");
  }
  if ((*secret).size() < kMinHeartbeatSecret) {
    return fail(ErrorCode::kInvalidArgument,
                "the key is shorter than 16 bytes; make one with openssl rand -hex 32");
  }
  return HeartbeatKey::make(id, *secret);
}

}  // namespace

Result<HeartbeatKeyRing> HeartbeatKeyRing::parse(std::string_view text) {
  std::vector<HeartbeatKey> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string place = "line " + std::to_string(number);
    auto key = parse_key(line);
    if (!key) return fail_at(place, key.error());
    if (!keys.empty() && keys.front().id() == key->id()) {
      return fail(ErrorCode::kInvalidArgument, place + ": the id is used twice");
    }
    keys.push_back(std::move(*key));
    if (keys.size() > kMaxKeys) {
      return fail(ErrorCode::kInvalidArgument, place + ": more than two keys; remove the oldest");
    }
  }
  if (keys.empty()) return fail(ErrorCode::kInvalidArgument, "no key in it, add a line id:hex");
  return HeartbeatKeyRing(std::move(keys));
}

HeartbeatKey* HeartbeatKeyRing::find(std::uint32_t id) {
  for (HeartbeatKey& key : keys_) {
    if (key.id() == id) return &key;
  }
  return nullptr;
}

std::optional<HeartbeatKeyFile::Version> HeartbeatKeyFile::look() {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return std::nullopt;
  open_mode_ = (info.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  return Version{info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

Result<HeartbeatKeyRing> HeartbeatKeyFile::load() {
  const std::string place = "heartbeat keys " + path_;
  // Before reading: what is written meanwhile is read the next time.
  loaded_ = look();
  std::ifstream file(path_, std::ios::binary);
  Wiped text(std::string{std::istreambuf_iterator<char>(file), {}});
  if (!loaded_ || !file) {
    return fail(ErrorCode::kNotFound, place + ": cannot be read, make it with a line id:hex");
  }
  if (open_mode_) {
    log_warning("heartbeat keys are readable by others than their owner, set mode 0400",
                {{"file", path_}});
  }
  auto ring = HeartbeatKeyRing::parse(*text);
  if (!ring) return fail_at(place, ring.error());
  return ring;
}

std::optional<Result<HeartbeatKeyRing>> HeartbeatKeyFile::reload_if_changed() {
  const auto loaded = loaded_;
  if (look() == loaded) return std::nullopt;
  return load();
}

}  // namespace lvs
