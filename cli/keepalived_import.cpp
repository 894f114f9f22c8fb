#include "cli/keepalived_import.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <memory>
#include <tuple>

#include "cli/keepalived_service.h"

namespace lvs::cli {
namespace {

constexpr const char* kApiVersion = "lvs-operator.io/v1alpha1";
constexpr const char* kPoolLabel = "lvs-operator.io/pool";
constexpr const char* kOriginAnnotation = "lvs-operator.io/imported-from";
constexpr std::uint32_t kMostPort = 65535;

struct Frontend {
  IpAddress vip;
  std::uint16_t port = 0;
};

// What VRRP says of an address.
struct MovedAddress {
  const KeepalivedDirective* from = nullptr;
  std::string interface;
  std::string preempt_after;  // empty: it stays
  bool used = false;
};

std::string name_of(const IpAddress& address) {
  std::string text = address.to_string();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '.' || c == ':'; }, '-');
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

class KeepalivedImporter {
 public:
  explicit KeepalivedImporter(const ImportOptions& options) : options_(options) {}

  Imported run(const KeepalivedDirectives& config) && {
    const KeepalivedDirectives mine = only_mine(config);
    for (const auto& each : mine) {
      if (each.name() == "vrrp_instance") read_instance(each);
      if (each.name() == "virtual_server_group") groups_[each.word(1)] = &each;
    }
    for (const auto& each : mine) read(each);
    for (const auto& [address, moved] : moved_) {
      if (moved.used) continue;
      notes_.add(ImportFate::kDropped, *moved.from,
                 "no virtual_server uses this address; only addresses of services are moved");
    }
    Imported imported{std::move(objects_), notes_.take()};
    std::stable_sort(imported.notes.begin(), imported.notes.end(),
                     [](const auto& a, const auto& b) {
                       return std::tie(a.file, a.line) < std::tie(b.file, b.line);
                     });
    return imported;
  }

 private:
  // Lines that begin with @id are for one of several machines.
  KeepalivedDirectives only_mine(const KeepalivedDirectives& all) {
    KeepalivedDirectives mine;
    for (KeepalivedDirective each : all) {
      if (each.name().starts_with('@')) {
        const bool other = each.name().starts_with("@^");
        const bool same = each.name().substr(other ? 2 : 1) == options_.id;
        if (same == other || each.words.size() == 1) {
          notes_.add(ImportFate::kDropped, each, "is for another machine; choose one with --id");
          continue;
        }
        each.words.erase(each.words.begin());
      }
      each.block = only_mine(each.block);
      mine.push_back(std::move(each));
    }
    return mine;
  }

  void read(const KeepalivedDirective& each) {
    if (each.name() == "virtual_server") return read_service(each);
    if (each.name() == "vrrp_instance" || each.name() == "virtual_server_group") return;
    if (each.name() == "global_defs") {
      for (const auto& part : each.block) notes_.explain(KeepalivedBlock::kGlobal, part);
      return;
    }
    notes_.explain(KeepalivedBlock::kTop, each);
  }

  // --- VRRP

  void read_instance(const KeepalivedDirective& instance) {
    std::string interface;
    std::string preempt_after;
    for (const auto& each : instance.block) {
      if (each.name() == "interface") interface = each.word(1);
      if (each.name() == "preempt_delay") {
        preempt_after = import_seconds(each.word(1)).value_or("");
      }
    }
    for (const auto& each : instance.block) {
      const std::string& name = each.name();
      if (name == "interface" || name == "preempt_delay") continue;
      if (name == "virtual_ipaddress" || name == "virtual_ipaddress_excluded") {
        for (const auto& address : each.block) read_moved(address, interface, preempt_after);
      } else {
        notes_.explain(KeepalivedBlock::kVrrpInstance, each);
      }
    }
  }

  void read_moved(const KeepalivedDirective& line, std::string interface,
                  const std::string& preempt_after) {
    const std::string text = line.name().substr(0, line.name().find('/'));
    const auto address = IpAddress::parse(text);
    if (!address) return notes_.add(ImportFate::kDropped, line, "is not an address");
    const auto dev = std::find(line.words.begin(), line.words.end(), "dev");
    if (dev != line.words.end() && dev + 1 != line.words.end()) interface = *(dev + 1);
    lines_.push_back(std::make_unique<KeepalivedDirective>(line));
    moved_[*address] = {lines_.back().get(), std::move(interface), preempt_after, false};
  }

  // --- virtual servers

  void read_service(const KeepalivedDirective& each) {
    const std::vector<Frontend> frontends = frontends_of(each);
    const ServiceDraft draft = read_virtual_server(each, notes_);
    for (const Frontend& frontend : frontends) emit_service(each, frontend, draft);
  }

  std::vector<Frontend> frontends_of(const KeepalivedDirective& each) {
    if (each.word(1) == "fwmark") {
      notes_.add(ImportFate::kDropped, each, "services by firewall mark are not offered");
      return {};
    }
    if (each.word(1) != "group") return frontends_in(each, each.word(1), each.word(2));
    const auto group = groups_.find(each.word(2));
    if (group == groups_.end()) {
      notes_.add(ImportFate::kDropped, each, "there is no such virtual_server_group");
      return {};
    }
    std::vector<Frontend> all;
    for (const auto& line : group->second->block) {
      if (line.name() == "fwmark") {
        notes_.add(ImportFate::kDropped, line, "services by firewall mark are not offered");
        continue;
      }
      const auto some = frontends_in(line, line.name(), line.word(1));
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }

  // "192.168.200.3-10 80" is eight of them.
  std::vector<Frontend> frontends_in(const KeepalivedDirective& line, const std::string& text,
                                     const std::string& port_text) {
    const auto dash = text.find('-');
    const auto first = IpAddress::parse(text.substr(0, dash));
    const auto port = import_number(port_text.empty() ? "0" : port_text, kMostPort);
    if (!first || !port) {
      notes_.add(ImportFate::kDropped, line, "is not an address with a port");
      return {};
    }
    IpAddress::Bytes bytes = first->bytes();
    auto& low = bytes.at(first->byte_count() - 1);
    const auto last = dash == std::string::npos ? std::optional<std::uint32_t>(low)
                                                : last_of(text.substr(dash + 1), *first);
    if (!last || *last < low) {
      notes_.add(ImportFate::kDropped, line, "is not a range of addresses");
      return {};
    }
    std::vector<Frontend> all;
    for (std::uint32_t each = low; each <= *last; ++each) {
      low = static_cast<std::uint8_t>(each);
      all.push_back({IpAddress(first->family(), bytes), static_cast<std::uint16_t>(*port)});
    }
    return all;
  }

  static std::optional<std::uint32_t> last_of(const std::string& text, const IpAddress& first) {
    if (first.family() == Family::kV4) return import_number(text, 255);
    std::uint32_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return read.ec == std::errc{} && value <= 255 ? std::optional(value) : std::nullopt;
  }

  void emit_service(const KeepalivedDirective& line, const Frontend& frontend,
                    const ServiceDraft& draft) {
    std::string name = "vs-" + name_of(frontend.vip) + "-" + std::to_string(frontend.port);
    if (draft.protocol != "TCP") name += "-" + lower(draft.protocol);
    ImportJson spec{{"vips", {frontend.vip.to_string()}},
                    {"ports", {port_of(line, frontend, draft)}}};
    spec.update(draft.spec);
    spec["realServerSelector"] = {{"matchLabels", {{kPoolLabel, pool_of(name, draft)}}}};
    if (const auto moved = moved_.find(frontend.vip); moved != moved_.end()) {
      moved->second.used = true;
      if (!moved->second.interface.empty()) spec["interface"] = moved->second.interface;
      if (!moved->second.preempt_after.empty()) {
        spec["directors"] = {{"preemptAfter", moved->second.preempt_after}};
      }
    }
    ImportJson object = object_of("VirtualService", name);
    object["metadata"]["annotations"] = {
        {kOriginAnnotation, line.file + ":" + std::to_string(line.line)}};
    object["spec"] = std::move(spec);
    emit(object);
  }

  ImportJson port_of(const KeepalivedDirective& line, const Frontend& frontend,
                     const ServiceDraft& draft) {
    ImportJson port{{"name", "port-" + std::to_string(frontend.port)},
                    {"protocol", draft.protocol},
                    {"port", frontend.port}};
    const auto other = std::find_if(
        draft.servers.begin(), draft.servers.end(),
        [&](const auto& server) { return server.port != 0 && server.port != frontend.port; });
    if (other == draft.servers.end()) return port;
    const bool masquerade = draft.spec.at("forwarding") == "Masquerade";
    const bool alike = std::all_of(draft.servers.begin(), draft.servers.end(),
                                   [&](const auto& each) { return each.port == other->port; });
    if (masquerade && alike) {
      port["targetPort"] = other->port;
    } else {
      notes_.add(ImportFate::kChanged, line,
                 masquerade ? "its real servers have ports of their own; all get connections at " +
                                  std::to_string(frontend.port)
                            : "only NAT changes ports: its real servers get connections at " +
                                  std::to_string(frontend.port));
    }
    return port;
  }

  // Services with the same servers share them.
  std::string pool_of(const std::string& service, const ServiceDraft& draft) {
    std::vector<ImportedServer> servers = draft.servers;
    for (ImportedServer& server : servers) server.port = 0;
    const auto [at, is_new] = pools_.try_emplace(servers, service);
    if (is_new) {
      for (const ImportedServer& server : servers) emit_server(service, server);
    }
    return at->second;
  }

  void emit_server(const std::string& pool, const ImportedServer& server) {
    ImportJson object = object_of("RealServer", pool + "-" + name_of(server.address));
    object["metadata"]["labels"] = {{kPoolLabel, pool}};
    ImportJson spec{{"address", server.address.to_string()}, {"weight", server.weight}};
    if (server.max_connections != 0) spec["maxConnections"] = server.max_connections;
    if (server.min_connections != 0) spec["minConnections"] = server.min_connections;
    object["spec"] = std::move(spec);
    emit(object);
  }

  // A comment or a name may hold bytes of an older encoding.
  void emit(const ImportJson& object) {
    objects_.push_back(object.dump(-1, ' ', false, ImportJson::error_handler_t::replace));
  }

  [[nodiscard]] ImportJson object_of(const char* kind, const std::string& name) const {
    return {{"apiVersion", kApiVersion},
            {"kind", kind},
            {"metadata", {{"name", name}, {"namespace", options_.ns}}}};
  }

  const ImportOptions& options_;
  ImportNotes notes_;
  std::vector<std::string> objects_;
  std::map<std::string, const KeepalivedDirective*> groups_;
  std::map<IpAddress, MovedAddress> moved_;
  std::vector<std::unique_ptr<KeepalivedDirective>> lines_;  // that moved_ points to
  std::map<std::vector<ImportedServer>, std::string> pools_;
};

}  // namespace

std::string to_string(const ImportNote& note) {
  const char* fate = note.fate == ImportFate::kReplaced  ? "replaced"
                     : note.fate == ImportFate::kChanged ? "changed"
                                                         : "dropped";
  return note.file + ":" + std::to_string(note.line) + ": " + fate + ": " + note.text;
}

Imported import_keepalived(const KeepalivedDirectives& config, const ImportOptions& options) {
  return KeepalivedImporter(options).run(config);
}

}  // namespace lvs::cli
