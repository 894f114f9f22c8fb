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
    } else if (each.name() == "virtualhost") {
      check["http"]["host"] = each.word(1);
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

// The check without what it asks: its type, and what its name alone says.
ImportJson begin_check(const KeepalivedDirective& directive, const CheckDefaults& defaults,
                       ImportNotes& notes) {
  const std::string& name = directive.name();
  if (name == "TCP_CHECK") return {{"type", "TCP"}};
  if (name == "HTTP_GET" || name == "SSL_GET") {
    ImportJson check{{"type", name == "HTTP_GET" ? "HTTP" : "HTTPS"}};
    if (!defaults.host.empty()) check["http"]["host"] = defaults.host;
    // keepalived takes every certificate.
    if (name == "SSL_GET") check["tls"]["insecure"] = true;
    return check;
  }
  if (name == "SMTP_CHECK") return {{"type", "SMTP"}};
  if (name == "DNS_CHECK") return {{"type", "DNS"}};
  if (name == "UDP_CHECK") return {{"type", "UDP"}};
  if (name == "PING_CHECK") return {{"type", "ICMP"}};
  notes.add(ImportFate::kDropped, directive,
            "there is no such check; the server is taken to be healthy");
  return nullptr;
}

// A word that is a field of an HTTP check; false: it is none.
bool read_http_word(const KeepalivedDirective& each, bool& first_url, ImportJson& check,
                    ImportNotes& notes) {
  const std::string& name = each.name();
  if (!check["type"].get_ref<const std::string&>().starts_with("HTTP")) return false;
  if (name == "url") {
    read_url(each, std::exchange(first_url, false), check, notes);
  } else if (name == "http_protocol" && (each.word(1) == "1.0" || each.word(1) == "1.1")) {
    check["http"]["version"] = each.word(1);
  } else if (name == "sni_name" && check.contains("tls")) {
    check["tls"]["serverName"] = each.word(1);
  } else {
    return false;
  }
  return true;
}

// Bytes of UDP_CHECK: hexadecimal digits, in as many words as one likes.
std::string hex_digits(const KeepalivedDirective& directive) {
  std::string digits;
  for (std::size_t i = 1; i < directive.words.size(); ++i) digits += directive.words[i];
  return digits;
}

// The same for a check that is not HTTP.
bool read_other_word(const KeepalivedDirective& each, ImportJson& check) {
  const std::string& name = each.name();
  const std::string type = check["type"];
  if (type == "SMTP" && name == "helo_name") {
    check["smtp"]["hello"] = each.word(1);
  } else if (type == "DNS" && name == "type") {
    check["dns"]["recordType"] = each.word(1);
  } else if (type == "DNS" && name == "name") {
    check["dns"]["name"] = each.word(1);
  } else if (type == "UDP" && name == "payload") {
    check["udp"]["payload"] = hex_digits(each);
  } else if (type == "UDP" && name == "require_reply" &&
             hex_digits(each).find_first_of("xX") == std::string::npos) {
    check["udp"]["expectReply"] = hex_digits(each);
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool is_check(const std::string& name) {
  return std::find(kChecks.begin(), kChecks.end(), name) != kChecks.end();
}

bool is_check_default(const std::string& name) {
  return name == "delay_loop" || name == "connect_timeout" || name == "retry" ||
         name == "nb_get_retry" || name == "virtualhost";
}

void take_default(const KeepalivedDirective& directive, CheckDefaults& defaults) {
  const std::string& name = directive.name();
  if (name == "delay_loop") defaults.interval = directive.word(1);
  if (name == "connect_timeout") defaults.timeout = directive.word(1);
  if (name == "retry" || name == "nb_get_retry") defaults.retries = directive.word(1);
  if (name == "virtualhost") defaults.host = directive.word(1);
}

ImportJson read_check(const KeepalivedDirective& directive, CheckDefaults defaults,
                      std::uint16_t server_port, ImportNotes& notes) {
  for (const KeepalivedDirective& each : directive.block) take_default(each, defaults);
  ImportJson check = begin_check(directive, defaults, notes);
  if (check.is_null()) return check;
  bool first_url = true;
  for (const KeepalivedDirective& each : directive.block) {
    if (is_check_default(each.name()) || read_http_word(each, first_url, check, notes) ||
        read_other_word(each, check)) {
      continue;
    }
    if (each.name() == "connect_port" && check["type"] != "ICMP") {
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
