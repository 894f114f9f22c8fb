// A folder of manifests as a source: watched by inotify, looked at again every few seconds for what
// inotify cannot see (network file systems, targets of links). A change is read once it has been
// still for a moment, so that a file that is being written is not taken for a shorter one. Where
// files are missing it has to be still for longer: a folder that is being emptied by mistake must
// not be taken for one from which a file was deleted.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "operator/events.h"
#include "operator/sources/folder_reader.h"
#include "operator/sources/source.h"

namespace lvs {

struct DirectoryPace {
  Duration settle{100};
  Duration look_again{2'000};
  Duration settle_deletion{1'000};
};

// Answers in one reading, without watching. An error: the folder cannot be read.
[[nodiscard]] Result<ManifestDecision> read_directory_once(const std::string& path);

class DirectorySource final : public Source {
 public:
  DirectorySource(std::string path, PostEvent post, DirectoryPace pace = {});
  ~DirectorySource() override;

 private:
  class Watcher;
  void run(const std::stop_token& stop);
  // How long until the folder should be looked at again.
  Duration look();
  void read(const FolderStamp& stamp);
  void post(const ManifestDecision& decision);
  void say_trouble(const std::string& trouble);
  [[nodiscard]] std::string moved_away(const FolderStamp& stamp) const;

  std::string path_;
  std::string name_;  // of the source, in events
  PostEvent post_;
  DirectoryPace pace_;
  int wake_ = -1;  // eventfd: stop
  ManifestSet set_;
  std::optional<FolderStamp> read_stamp_;
  std::optional<FolderStamp> seen_;
  std::chrono::steady_clock::time_point seen_at_;
  std::optional<std::uint64_t> device_;  // of the folder when objects were first read
  std::string trouble_;
  bool listed_ = false;
  std::jthread thread_;
};

}  // namespace lvs
