#include "agent/kernel/sysctl.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

namespace lvs {
namespace {

std::optional<std::string> read_text(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 64> text{};
  const auto got = ::read(file, text.data(), text.size());
  close(file);
  if (got <= 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(got));
}

int write_text(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const auto written = ::write(file, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

std::optional<int> read_number(const std::string& path) {
  const auto text = read_text(path);
  int value = 0;
  if (!text) return std::nullopt;
  if (std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

int write_number(const std::string& path, int value) {
  return write_text(path, std::to_string(value) + "\n");
}

// The kernel prints several numbers with tabs between them, and a line end.
std::string with_single_spaces(const std::string& text) {
  std::istringstream words(text);
  std::string joined;
  for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

constexpr std::array kIpvsSettings{
    kSyncThreshold, kSyncRefreshPeriod, kSyncRetries,      kSyncPorts,
    kBackupOnly,    kSloppyTcp,         kExpireNodestConn, kExpireQuiescentTemplate};

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

std::map<std::string, ObservedAcceptLocal> AcceptLocalSysctl::read(
    const std::vector<ObservedLink>& links) const {
  const int all = read_number(path("all")).value_or(0);
  std::map<std::string, ObservedAcceptLocal> settings;
  for (const ObservedLink& link : links) {
    const auto own = read_number(path(link.name));
    if (own && !link.loopback) settings[link.name] = {*own, all};
  }
  return settings;
}

int AcceptLocalSysctl::write(const SetAcceptLocal& operation) const {
  if (!is_interface_name(operation.interface)) return EINVAL;
  return write_number(path(operation.interface), operation.on ? 1 : 0);
}

IpvsSettings IpvsSysctl::read() const {
  IpvsSettings settings;
  for (const char* name : kIpvsSettings) {
    if (const auto text = read_text(folder_ + name)) settings[name] = with_single_spaces(*text);
  }
  return settings;
}

int IpvsSysctl::write(const SetIpvsSetting& operation) const {
  const bool known =
      std::find(kIpvsSettings.begin(), kIpvsSettings.end(), operation.name) != kIpvsSettings.end();
  return known ? write_text(folder_ + operation.name, operation.value + "\n") : EINVAL;
}

}  // namespace lvs
