// The shared keys of the heartbeats, from a file: a mounted Secret or a file in /etc.
//
//   # made by: openssl rand -hex 32
//   2:0f1e...   signs
//   1:a3b4...   still accepted
//
// One or two lines `id:hex`; blank lines and lines that begin with # do not count. The id is a
// number that travels with each heartbeat, the key at least 16 bytes. The first key signs, both
// verify. To change the key without a gap: add the new one as second line everywhere, then swap the
// lines everywhere, then remove the old one. The file is read again when it changes.
//
// Messages name the line, never what stands on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/election/heartbeat_hmac.h"

namespace lvs {

inline constexpr std::size_t kMinHeartbeatSecret = 16;
inline constexpr std::size_t kMaxHeartbeatSecret = 128;

// Threads: as HeartbeatKey.
class HeartbeatKeyRing {
 public:
  // kInvalidArgument: `text` is not as above.
  static Result<HeartbeatKeyRing> parse(std::string_view text);

  [[nodiscard]] HeartbeatKey& signer() { return keys_.front(); }
  // Null: there is no such key.
  [[nodiscard]] HeartbeatKey* find(std::uint32_t id);

 private:
  explicit HeartbeatKeyRing(std::vector<HeartbeatKey> keys) : keys_(std::move(keys)) {}

  std::vector<HeartbeatKey> keys_;  // never empty
};

class HeartbeatKeyFile {
 public:
  explicit HeartbeatKeyFile(std::string path) : path_(std::move(path)) {}

  // Warns in the log when others than the owner may read the file.
  Result<HeartbeatKeyRing> load();
  // Nothing: it is as it was at the last load. An error is told once for each change; the keys of
  // before stay good.
  std::optional<Result<HeartbeatKeyRing>> reload_if_changed();

 private:
  // Two versions of a file differ in one of these; a Secret's is behind a link that is exchanged.
  struct Version {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_seconds = 0;
    std::int64_t changed_nanoseconds = 0;
    bool operator==(const Version&) const = default;
  };
  [[nodiscard]] std::optional<Version> look();

  std::string path_;
  std::optional<Version> loaded_;
  bool open_mode_ = false;
};

}  // namespace lvs
