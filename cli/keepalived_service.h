// A virtual_server of keepalived as a draft of a VirtualService and its RealServers. Internal to the
// import.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/ip_address.h"
#include "cli/keepalived_import.h"
#include "cli/keepalived_words.h"

namespace lvs::cli {

using ImportJson = nlohmann::ordered_json;

class ImportNotes {
 public:
  void add(ImportFate fate, const KeepalivedDirective& directive, const std::string& text);
  // What the tables of keepalived_words.h say of it.
  void explain(KeepalivedBlock block, const KeepalivedDirective& directive);
  [[nodiscard]] std::vector<ImportNote> take() { return std::move(notes_); }

 private:
  std::vector<ImportNote> notes_;
};

struct ImportedServer {
  IpAddress address;
  std::uint16_t port = 0;
  std::uint32_t weight = 1;
  std::uint32_t max_connections = 0;
  std::uint32_t min_connections = 0;
  auto operator<=>(const ImportedServer&) const = default;
};

struct ServiceDraft {
  ImportJson spec =
      ImportJson::object();  // scheduler, forwarding, persistence, sorryServer, healthCheck
  std::string protocol = "TCP";
  std::vector<ImportedServer> servers;
};

// Words as keepalived writes them; nothing: not such a value.
[[nodiscard]] std::optional<std::uint32_t> import_number(const std::string& word,
                                                         std::uint32_t most);
[[nodiscard]] std::optional<std::string> import_seconds(const std::string& word);  // "3" to "3s"

[[nodiscard]] ServiceDraft read_virtual_server(const KeepalivedDirective& directive,
                                               ImportNotes& notes);

// The check of one real server, with what its service says of all of them; null: none is imported.
struct CheckDefaults {
  std::string interval = "60";  // delay_loop, in seconds
  std::string timeout = "5";    // connect_timeout
  std::string retries = "1";
  std::string host;  // virtualhost
};
[[nodiscard]] bool is_check(const std::string& name);
[[nodiscard]] ImportJson read_check(const KeepalivedDirective& directive, CheckDefaults defaults,
                                    std::uint16_t server_port, ImportNotes& notes);
// A directive that CheckDefaults holds.
[[nodiscard]] bool is_check_default(const std::string& name);
// Others are left alone.
void take_default(const KeepalivedDirective& directive, CheckDefaults& defaults);

}  // namespace lvs::cli
