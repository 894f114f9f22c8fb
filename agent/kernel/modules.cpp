#include "agent/kernel/modules.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lvs {
namespace {

// Exit status of the program, or -1 when it could not be run.
int run(const char* program, const char* argument, const char* name) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<char*, 4> arguments{const_cast<char*>(program), const_cast<char*>(argument),
                                 const_cast<char*>(name), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t child = 0;
  const int error =
      posix_spawn(&child, program, &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

// The file stands in every network namespace while the module is loaded.
bool ipvs_is_loaded() { return access("/proc/thread-self/net/ip_vs", F_OK) == 0; }

bool nf_tables_is_loaded() { return access("/sys/module/nf_tables", F_OK) == 0; }

Result<void> load_module(const std::string& name) {
  for (const char* modprobe : {"/sbin/modprobe", "/usr/sbin/modprobe"}) {
    if (run(modprobe, "--quiet", name.c_str()) == 0) return {};
  }
  return fail(ErrorCode::kUnsupported, "kernel module " + name +
                                           " cannot be loaded here; run \"modprobe " + name +
                                           "\" on the host");
}

Error ipvs_is_missing() {
  return {ErrorCode::kUnsupported,
          "kernel module ip_vs is not available; install the kernel's modules package and run "
          "\"modprobe ip_vs\" (for a pod: on its host)"};
}

}  // namespace lvs
