#include "cli/keepalived_service.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "api/terms.h"

namespace lvs::cli {
namespace {

constexpr const char* kDefaultScheduler = "wlc";
constexpr std::uint32_t kDefaultPersistence = 360;
constexpr std::uint32_t kMost = 65535;

std::string join_words(const KeepalivedDirective& directive) {
  std::string text;
  for (const std::string& word : directive.words) text += (text.empty() ? "" : " ") + word;
  return text;
}

class ServiceReader {
 public:
  ServiceReader(const KeepalivedDirective& directive, ImportNotes& notes)
      : directive_(directive), notes_(notes) {}

  ServiceDraft run() && {
    draft_.spec["scheduler"] = {{"name", kDefaultScheduler}};
    // Servers need the defaults of the service, wherever those stand.
    for (const KeepalivedDirective& each : directive_.block) take_default(each, defaults_);
    for (const KeepalivedDirective& each : directive_.block) read(each);
    if (!draft_.spec.contains("forwarding")) {
      notes_.add(ImportFate::kChanged, directive_, "names no lb_kind; imported as NAT");
      draft_.spec["forwarding"] = "Masquerade";
    }
    if (!flags_.empty()) draft_.spec["scheduler"]["flags"] = flags_;
    if (check_from_ != nullptr) draft_.spec["healthCheck"] = check_;
    return std::move(draft_);
  }

 private:
  void read(const KeepalivedDirective& each) {
    const std::string& name = each.name();
    if (is_check_default(name)) return;
    if (name == "real_server") return read_server(each);
    if (name == "lb_algo" || name == "lvs_sched") return read_scheduler(each);
    if (name == "lb_kind" || name == "lvs_method") return read_method(each);
    if (name.starts_with("persistence_") && read_persistence(each)) return;
    if (name == "sorry_server") return read_sorry_server(each);
    if (name == "protocol") {
      draft_.protocol = each.word(1);
    } else if (name == "ops" || name == "mh-port" || name == "mh-fallback" || name == "sh-port" ||
               name == "sh-fallback") {
      flags_.push_back(name);
    } else if (is_check(name)) {
      notes_.add(ImportFate::kDropped, each, "write the check into each real_server");
    } else {
      notes_.explain(KeepalivedBlock::kVirtualServer, each);
    }
  }

  void read_scheduler(const KeepalivedDirective& each) {
    if (is_scheduler(each.word(1))) {
      draft_.spec["scheduler"]["name"] = each.word(1);
      return;
    }
    notes_.add(ImportFate::kChanged, each,
               std::string("the kernel has no such scheduler; imported as ") + kDefaultScheduler);
  }

  void read_method(const KeepalivedDirective& each) {
    const std::string method = each.word(1);
    if (method == "DR") draft_.spec["forwarding"] = "DirectRouting";
    if (method == "TUN") draft_.spec["forwarding"] = "Tunnel";
    if (method == "NAT") draft_.spec["forwarding"] = "Masquerade";
    if (each.words.size() > 2) {
      notes_.add(ImportFate::kDropped, each, "options of tunnels are not offered: they are IPIP");
    }
  }

  bool read_persistence(const KeepalivedDirective& each) {
    auto& persistence = draft_.spec["persistence"];
    if (each.name() == "persistence_timeout") {
      const auto seconds = import_number(each.word(1), 31U * 86'400U);
      persistence["timeout"] = std::to_string(seconds.value_or(kDefaultPersistence)) + "s";
      return true;
    }
    if (each.name() == "persistence_granularity") {
      read_granularity(each, persistence);
      return true;
    }
    if (persistence.is_null()) draft_.spec.erase("persistence");
    return false;
  }

  void read_granularity(const KeepalivedDirective& each, ImportJson& persistence) {
    if (!persistence.contains("timeout")) {
      persistence["timeout"] = std::to_string(kDefaultPersistence) + "s";
    }
    const auto mask = IpAddress::parse(each.word(1));
    const auto prefix = import_number(each.word(1), 128);
    if (prefix) persistence["prefixLength"] = *prefix;
    if (!mask) return;
    int bits = 0;
    for (const auto byte : mask->bytes()) bits += std::popcount(byte);
    persistence["prefixLength"] = bits;
  }

  void read_sorry_server(const KeepalivedDirective& each) {
    draft_.spec["sorryServer"] = {{"address", each.word(1)}};
    // Else health alone would never empty the pool, and the sorry server never serve.
    draft_.spec["failOpenPercent"] = 100;
    notes_.add(ImportFate::kChanged, each,
               "failOpenPercent: 100 comes with it, so that it serves when every check fails; its "
               "port is the service's");
  }

  void read_server(const KeepalivedDirective& each) {
    const auto address = IpAddress::parse(each.word(1));
    if (!address) return notes_.add(ImportFate::kDropped, each, "is not an address");
    ImportedServer server;
    server.address = *address;
    server.port = static_cast<std::uint16_t>(import_number(each.word(2), kMost).value_or(0));
    CheckDefaults defaults = defaults_;
    for (const auto& part : each.block) take_default(part, defaults);
    for (const auto& part : each.block) read_server_part(part, defaults, server);
    draft_.servers.push_back(server);
  }

  void read_server_part(const KeepalivedDirective& part, const CheckDefaults& defaults,
                        ImportedServer& server) {
    const auto number = import_number(part.word(1), kMost);
    if (is_check(part.name())) return take_check(part, defaults, server);
    if (part.name() == "weight" && number) {
      server.weight = *number;
    } else if (part.name() == "uthreshold" && number) {
      server.max_connections = *number;
    } else if (part.name() == "lthreshold" && number) {
      server.min_connections = *number;
    } else if (!is_check_default(part.name())) {
      notes_.explain(KeepalivedBlock::kRealServer, part);
    }
  }

  // A VirtualService checks all its servers alike.
  void take_check(const KeepalivedDirective& part, const CheckDefaults& defaults,
                  const ImportedServer& server) {
    ImportJson check = read_check(part, defaults, server.port, notes_);
    if (check.is_null()) return;
    if (check_from_ == nullptr) {
      check_ = std::move(check);
      check_from_ = &part;
    } else if (check != check_) {
      notes_.add(ImportFate::kChanged, part,
                 "differs from the check in line " + std::to_string(check_from_->line) +
                     ", which all servers of a VirtualService share");
    }
  }

  const KeepalivedDirective& directive_;
  ImportNotes& notes_;
  CheckDefaults defaults_;
  ServiceDraft draft_;
  std::vector<std::string> flags_;
  ImportJson check_;
  const KeepalivedDirective* check_from_ = nullptr;
};

}  // namespace

void ImportNotes::add(ImportFate fate, const KeepalivedDirective& directive,
                      const std::string& text) {
  notes_.push_back({fate, directive.file, directive.line, join_words(directive) + ": " + text});
}

void ImportNotes::explain(KeepalivedBlock block, const KeepalivedDirective& directive) {
  const KeepalivedWord word = explain_word(block, directive.name());
  add(word.fate, directive, std::string(word.text));
}

std::optional<std::uint32_t> import_number(const std::string& word, std::uint32_t most) {
  std::uint32_t value = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value);
  if (word.empty() || read.ec != std::errc{} || read.ptr != end || value > most) return {};
  return value;
}

std::optional<std::string> import_seconds(const std::string& word) {
  constexpr std::uint32_t kDay = 86'400;
  const auto dot = word.find('.');
  const auto whole = import_number(word.substr(0, dot), kDay);
  if (!whole) return {};
  if (dot == std::string::npos) return std::to_string(*whole) + "s";
  const std::string fraction = word.substr(dot + 1, 3);
  if (!import_number(fraction, 999)) return {};
  return std::to_string(*whole) + "." + fraction + "s";
}

ServiceDraft read_virtual_server(const KeepalivedDirective& directive, ImportNotes& notes) {
  return ServiceReader(directive, notes).run();
}

}  // namespace lvs::cli
