#include <algorithm>
#include <array>
#include <cmath>

#include "cli/keepalived_service.h"

namespace lvs::cli {
namespace {

constexpr std::array<std::string_view, 10> kChecks{
    "TCP_CHECK",  "HTTP_GET",  "SSL_GET",    "SMTP_CHECK", "DNS_CHECK",
    "MISC_CHECK", "UDP_CHECK", "PING_CHECK", "BFD_CHECK",  "FILE_CHECK"};

void read_status_codes(const KeepalivedDirective& directive, ImportJson& check) {
  ImportJson expected = ImportJson::array();
  for (std::size_t i = 1; i < directive.words.size(); ++i) expected.push_back(directive.words[i]);
  if (!expected.empty()) check["expectStatus"] = std::move(expected);
}

void read_url(const KeepalivedDirective& url, bool first, ImportJson& check, ImportNotes& notes) {
  if (!first) {
    return notes.add(ImportFate::kDropped, url, "a check asks for one path, that of the first url");
  }
  for (const KeepalivedDirective& each : url.block) {
    if (each.name() == "path") {
      check["path"] = each.word(1);
    } else if (each.name() == "status_code") {
      read_status_codes(each, check);
    } else {
      notes.explain(KeepalivedBlock::kCheck, each);
    }
  }
}

// A timeout may not be longer than the interval: checks would overlap.
void write_times(const KeepalivedDirective& directive, const CheckDefaults& times,
                 ImportJson& check, ImportNotes& notes) {
  const auto interval = import_seconds(times.interval).value_or("60s");
  auto timeout = import_seconds(times.timeout).value_or("5s");
  if (std::stod(timeout) > std::stod(interval)) {
    notes.add(ImportFate::kChanged, directive,
              "the timeout of " + timeout + " is cut to the interval of " + interval);
    timeout = interval;
  }
  check["interval"] = interval;
  check["timeout"] = timeout;
  check["rise"] = 1;
  check["fall"] = import_number(times.retries, 99).value_or(1) + 1;
}

std::string type_of(const KeepalivedDirective& directive, ImportNotes& notes) {
  const std::string& name = directive.name();
  if (name == "TCP_CHECK") return "TCP";
  if (name == "HTTP_GET") return "HTTP";
  if (name == "SSL_GET" || name == "SMTP_CHECK") {
    notes.add(ImportFate::kChanged, directive, "only a TCP connection is checked");
    return "TCP";
  }
  notes.add(ImportFate::kDropped, directive,
            "there is no such check; the server is taken to be healthy");
  return {};
}

}  // namespace

bool is_check(const std::string& name) {
  return std::find(kChecks.begin(), kChecks.end(), name) != kChecks.end();
}

bool is_check_default(const std::string& name) {
  return name == "delay_loop" || name == "connect_timeout" || name == "retry" ||
         name == "nb_get_retry";
}

void take_default(const KeepalivedDirective& directive, CheckDefaults& defaults) {
  const std::string& name = directive.name();
  if (name == "delay_loop") defaults.interval = directive.word(1);
  if (name == "connect_timeout") defaults.timeout = directive.word(1);
  if (name == "retry" || name == "nb_get_retry") defaults.retries = directive.word(1);
}

ImportJson read_check(const KeepalivedDirective& directive, CheckDefaults defaults,
                      std::uint16_t server_port, ImportNotes& notes) {
  const std::string type = type_of(directive, notes);
  if (type.empty()) return nullptr;
  ImportJson check{{"type", type}};
  bool first_url = true;
  for (const KeepalivedDirective& each : directive.block) {
    if (is_check_default(each.name())) {
      take_default(each, defaults);
    } else if (each.name() == "url" && type == "HTTP") {
      read_url(each, std::exchange(first_url, false), check, notes);
    } else if (each.name() == "connect_port") {
      const auto port = import_number(each.word(1), 65535);
      if (port && *port != server_port) check["port"] = *port;
    } else {
      notes.explain(KeepalivedBlock::kCheck, each);
    }
  }
  write_times(directive, defaults, check, notes);
  return check;
}

}  // namespace lvs::cli
