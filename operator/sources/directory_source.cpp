#include "operator/sources/directory_source.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace lvs {

// The inotify watch on the folder, put back when the folder comes back.
class DirectorySource::Watcher {
 public:
  explicit Watcher(std::string path)
      : path_(std::move(path)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}
  ~Watcher() {
    if (inotify_ >= 0) ::close(inotify_);
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Waits for a change in the folder, `wake`, or the time; then forgets all changes so far.
  void wait(int wake, Duration longest) {
    follow_path();
    std::array<pollfd, 2> descriptors{{{inotify_, POLLIN, 0}, {wake, POLLIN, 0}}};
    (void)::poll(descriptors.data(), descriptors.size(), static_cast<int>(longest.count()));
    alignas(inotify_event) std::array<char, 4096> events{};
    while (inotify_ >= 0 && ::read(inotify_, events.data(), events.size()) > 0) {
    }
  }

 private:
  void follow_path() {
    constexpr std::uint32_t kChanges = IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE |
                                       IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    // Another folder at the path gives another watch; the same one gives the same again.
    const int watch = inotify_add_watch(inotify_, path_.c_str(), kChanges);
    if (watch_ >= 0 && watch != watch_) inotify_rm_watch(inotify_, watch_);
    watch_ = watch;
  }

  std::string path_;
  int inotify_;
  int watch_ = -1;
};

namespace {

std::vector<Resource> of_kind(const std::map<ObjectId, Resource>& objects, Kind kind) {
  std::vector<Resource> result;
  for (const auto& [id, resource] : objects) {
    if (id.first == kind) result.push_back(resource);
  }
  return result;
}

bool has_lost_files(const FolderStamp& before, const FolderStamp& now) {
  return std::any_of(before.files.begin(), before.files.end(),
                     [&](const auto& file) { return !now.files.contains(file.first); });
}

}  // namespace

Result<ManifestDecision> read_directory_once(const std::string& path) {
  auto decision = decide_manifests({}, read_folder(path, look_at_folder(path)));
  if (decision.trouble.empty()) return decision;
  return fail(ErrorCode::kIo, path + ": " + decision.trouble);
}

DirectorySource::DirectorySource(std::string path, PostEvent post, DirectoryPace pace)
    : path_(std::move(path)),
      name_("directory:" + path_),
      post_(std::move(post)),
      pace_(pace),
      wake_(eventfd(0, EFD_CLOEXEC)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

DirectorySource::~DirectorySource() {
  thread_.request_stop();
  (void)eventfd_write(wake_, 1);
  thread_.join();
  ::close(wake_);
}

void DirectorySource::run(const std::stop_token& stop) {
  Watcher watcher(path_);
  Duration wait = look();
  while (!stop.stop_requested()) {
    watcher.wait(wake_, wait);
    if (!stop.stop_requested()) wait = look();
  }
}

Duration DirectorySource::look() {
  auto stamp = look_at_folder(path_);
  if (stamp == read_stamp_) {
    seen_.reset();
    return pace_.look_again;
  }
  const auto now = std::chrono::steady_clock::now();
  if (seen_ != stamp) {
    seen_ = stamp;
    seen_at_ = now;
  }
  const auto still = std::chrono::duration_cast<Duration>(now - seen_at_);
  const Duration needed = !read_stamp_                          ? Duration::zero()
                          : has_lost_files(*read_stamp_, stamp) ? pace_.settle_deletion
                                                                : pace_.settle;
  if (still < needed) return needed - still;
  read(stamp);
  read_stamp_ = std::move(stamp);
  seen_.reset();
  return pace_.look_again;
}

std::string DirectorySource::moved_away(const FolderStamp& stamp) const {
  if (!device_ || !stamp.trouble.empty() || stamp.device == *device_) return {};
  return "is on another file system than before (unmounted?), so nothing is deleted; mount it "
         "again, or restart the operator if this is meant";
}

void DirectorySource::read(const FolderStamp& stamp) {
  auto reading = read_folder(path_, stamp);
  if (auto moved = moved_away(stamp); !moved.empty()) reading = {std::move(moved), {}};
  auto decision = decide_manifests(set_, reading);
  set_ = std::move(decision.set);
  if (decision.trouble.empty() && !decision.objects.empty()) device_ = stamp.device;
  post(decision);
}

void DirectorySource::say_trouble(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  post_(Trouble{name_, trouble_.empty() ? "" : path_ + ": " + trouble_});
}

void DirectorySource::post(const ManifestDecision& decision) {
  post_(Problems{name_, decision.problems});
  if (!decision.trouble.empty()) return say_trouble(decision.trouble);
  if (!listed_ && decision.has_unknown) {
    return say_trouble(
        "not all of it can be used, and what is not known must not be deleted: nothing is pushed "
        "until the problems are solved");
  }
  say_trouble("");
  listed_ = true;
  ListedTogether together;
  for (const auto kind : {Kind::kNode, Kind::kRealServer, Kind::kVirtualService}) {
    together.lists.push_back({kind, of_kind(decision.objects, kind)});
  }
  post_(std::move(together));
}

}  // namespace lvs
