#include "agent/kernel/sysctl.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

namespace lvs {
namespace {

std::optional<int> read_number(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 16> text{};
  const auto got = ::read(file, text.data(), text.size());
  close(file);
  int value = 0;
  if (got <= 0) return std::nullopt;
  if (std::from_chars(text.data(), text.data() + got, value).ec != std::errc()) return std::nullopt;
  return value;
}

int write_number(const std::string& path, int value) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const std::string text = std::to_string(value) + "\n";
  const auto written = ::write(file, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

// Folders of conf/ that are no interface, and names that would lead elsewhere.
bool is_interface_name(const std::string& name) {
  return !name.empty() && name != "all" && name != "default" && name != "." && name != ".." &&
         name.find('/') == std::string::npos;
}

}  // namespace

std::string ArpSysctl::path(const std::string& interface, const char* setting) const {
  return root_ + "/ipv4/conf/" + interface + "/" + setting;
}

std::vector<ObservedArp> ArpSysctl::read(const std::vector<ObservedLink>& links) const {
  const int all_ignore = read_number(path("all", "arp_ignore")).value_or(0);
  const int all_announce = read_number(path("all", "arp_announce")).value_or(0);
  std::vector<ObservedArp> settings;
  for (const auto& link : links) {
    if (link.loopback) continue;
    const auto ignore = read_number(path(link.name, "arp_ignore"));
    const auto announce = read_number(path(link.name, "arp_announce"));
    if (!ignore || !announce) continue;
    settings.push_back({link.name, *ignore, *announce, all_ignore, all_announce});
  }
  return settings;
}

int ArpSysctl::write(const SetArp& operation) const {
  if (!is_interface_name(operation.interface)) return EINVAL;
  if (const int error = write_number(path(operation.interface, "arp_ignore"), operation.ignore);
      error != 0) {
    return error;
  }
  return write_number(path(operation.interface, "arp_announce"), operation.announce);
}

}  // namespace lvs
