#include "agent/health/dns_message.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace lvs {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint16_t kIsAnswer = 0x8000;
constexpr std::uint16_t kCodeMask = 0x000f;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeAaaa = 28;

struct TypeNumber {
  std::string_view name;
  std::uint16_t number;
};
constexpr std::array kTypes{
    TypeNumber{"A", kTypeA}, TypeNumber{"AAAA", kTypeAaaa}, TypeNumber{"CNAME", 5},
    TypeNumber{"MX", 15},    TypeNumber{"NS", 2},           TypeNumber{"PTR", 12},
    TypeNumber{"SOA", 6},    TypeNumber{"SRV", 33},         TypeNumber{"TXT", 16}};
constexpr std::array<std::string_view, 6> kCodes{"NOERROR",  "FORMERR", "SERVFAIL",
                                                 "NXDOMAIN", "NOTIMP",  "REFUSED"};

std::uint16_t number_of(std::string_view type) {
  const auto at = std::find_if(kTypes.begin(), kTypes.end(),
                               [&](const auto& each) { return each.name == type; });
  return at == kTypes.end() ? kTypeA : at->number;
}

void put(std::vector<std::uint8_t>& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

void put_name(std::vector<std::uint8_t>& out, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out.push_back(0);
}

// Takes from the front. Past the end every number is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  std::uint16_t number() {
    const auto two = take(2);
    return ok_ ? static_cast<std::uint16_t>(two[0] << 8U | two[1]) : std::uint16_t{0};
  }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  // A name ends with an empty label, or with a pointer to a name before it, which is not followed.
  void skip_name() {
    constexpr std::uint8_t kPointer = 0xc0;
    while (ok_) {
      const auto length = take(1);
      if (!ok_ || length[0] == 0) return;
      if ((length[0] & kPointer) == kPointer) {
        take(1);
        return;
      }
      if ((length[0] & kPointer) != 0) ok_ = false;
      take(length[0]);
    }
  }

 private:
  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

bool is_same_text(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](int x, int y) { return std::tolower(x) == std::tolower(y); });
}

std::optional<IpAddress> address_of(std::uint16_t type, std::span<const std::uint8_t> data) {
  const Family family = type == kTypeA ? Family::kV4 : Family::kV6;
  if (type != kTypeA && type != kTypeAaaa) return std::nullopt;
  if (data.size() != (family == Family::kV4 ? 4U : 16U)) return std::nullopt;
  IpAddress::Bytes bytes{};
  std::copy(data.begin(), data.end(), bytes.begin());
  return IpAddress(family, bytes);
}

void read_record(Reader& in, std::vector<IpAddress>& out) {
  in.skip_name();
  const std::uint16_t type = in.number();
  const std::uint16_t net = in.number();
  in.take(4);  // how long it may be kept
  const auto data = in.take(in.number());
  if (!in.ok() || net != kInternet) return;
  if (const auto address = address_of(type, data)) out.push_back(*address);
}

}  // namespace

std::vector<std::uint8_t> encode_dns(const DnsQuestion& question) {
  std::vector<std::uint8_t> out;
  for (const std::uint16_t value : {question.id, kRecursionDesired, std::uint16_t{1},
                                    std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}}) {
    put(out, value);
  }
  put_name(out, question.name);
  put(out, number_of(question.record_type));
  put(out, kInternet);
  return out;
}

Result<DnsAnswer> decode_dns(std::span<const std::uint8_t> bytes, const DnsQuestion& question) {
  Reader in(bytes);
  const std::uint16_t id = in.number();
  const std::uint16_t flags = in.number();
  const std::uint16_t questions = in.number();
  const std::uint16_t records = in.number();
  in.take(4);  // records of other kinds, which follow
  if (!in.ok() || (flags & kIsAnswer) == 0) {
    return fail(ErrorCode::kCorrupt, "the reply is no DNS answer");
  }
  const auto asked = encode_dns(question);
  const auto expected = std::span(asked).subspan(kHeader);
  if (id != question.id) return fail(ErrorCode::kConflict, "the reply has another number");
  const std::size_t code = flags & kCodeMask;
  DnsAnswer answer{code < kCodes.size() ? std::string(kCodes[code]) : std::to_string(code), {}};
  // Who does not understand or refuses the question need not repeat it.
  if (questions == 0 && records == 0) return answer;
  if (questions != 1 || !is_same_text(in.take(expected.size()), expected)) {
    return fail(ErrorCode::kConflict, "the reply answers another question");
  }
  for (std::uint16_t i = 0; i < records && in.ok(); ++i) read_record(in, answer.addresses);
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "the DNS answer ends in the middle of a record");
  return answer;
}

}  // namespace lvs
