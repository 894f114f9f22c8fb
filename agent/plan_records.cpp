#include "agent/plan_records.h"

#include <algorithm>
#include <charconv>

#include "base/hash.h"

namespace lvs {
namespace {

constexpr std::string_view kSealMark = "\n#lvs-sealed-v1 ";
constexpr std::string_view kJournalMark = "#lvs-journal-v1 ";
constexpr std::size_t kChecksumSize = 32;
constexpr std::size_t kLengthSize = 8;  // hexadecimal digits
// Length, check of the length, checksum of the body.
constexpr std::size_t kRecordHead = kLengthSize + kChecksumSize + kChecksumSize;
constexpr std::size_t kJournalHead = kJournalMark.size() + 2 * kChecksumSize + 1;

std::string length_text(std::size_t length) {
  std::string text(kLengthSize, '0');
  for (std::size_t i = kLengthSize; i-- > 0; length >>= 4U)
    text[i] = "0123456789abcdef"[length & 15U];
  return text;
}

bool parse_length(std::string_view text, std::size_t& length) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length, 16);
  return error == std::errc() && end == text.data() + text.size();
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

bool ends_unwritten(std::string_view bytes) {
  return bytes.size() >= 2 && all_zero(bytes.substr(bytes.size() - 2));
}

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorrupt, what + " is not what was written");
}

enum class RecordState { kWhole, kTorn, kCorrupt };

struct Record {
  RecordState state = RecordState::kTorn;
  std::string_view body;
  std::size_t size = 0;
};

Record read_record(std::string_view rest) {
  if (rest.size() < kRecordHead || all_zero(rest)) return {};
  const std::string_view length_digits = rest.substr(0, kLengthSize);
  std::size_t length = 0;
  if (checksum(length_digits) != rest.substr(kLengthSize, kChecksumSize) ||
      !parse_length(length_digits, length)) {
    return {ends_unwritten(rest) ? RecordState::kTorn : RecordState::kCorrupt, {}, 0};
  }
  if (rest.size() - kRecordHead < length) return {};
  const std::string_view body = rest.substr(kRecordHead, length);
  if (checksum(body) != rest.substr(kLengthSize + kChecksumSize, kChecksumSize)) {
    const bool at_end = rest.size() == kRecordHead + length;
    return {at_end && ends_unwritten(body) ? RecordState::kTorn : RecordState::kCorrupt, {}, 0};
  }
  return {RecordState::kWhole, body, kRecordHead + length};
}

}  // namespace

std::string checksum(std::string_view bytes) {
  Hasher hasher;
  hasher.add_string(bytes);
  return hasher.finish().to_string();
}

std::string seal(std::string body) {
  const std::string sum = checksum(body);
  const std::string length = length_text(body.size());
  body.append(kSealMark).append(length).append(" ").append(sum).append("\n");
  return body;
}

Result<std::string_view> unseal(std::string_view file) {
  const std::size_t tail = kSealMark.size() + kLengthSize + 1 + kChecksumSize + 1;
  if (file.size() < tail) return corrupt("the file");
  const std::string_view body = file.substr(0, file.size() - tail);
  std::string expected(kSealMark);
  expected.append(length_text(body.size())).append(" ").append(checksum(body)).append("\n");
  if (file.substr(body.size()) != expected) return corrupt("the file");
  return body;
}

std::string journal_header(std::string_view base_checksum) {
  std::string header(kJournalMark);
  header.append(base_checksum).append(checksum(header)).append("\n");
  return header;
}

std::string journal_record(std::string_view body) {
  const std::string length = length_text(body.size());
  std::string record = length + checksum(length) + checksum(body);
  record.append(body);
  return record;
}

Result<Journal> read_journal(std::string_view file) {
  if (file.size() < kJournalHead) return corrupt("the head of the plan's journal");
  const std::string_view base = file.substr(kJournalMark.size(), kChecksumSize);
  if (journal_header(base) != file.substr(0, kJournalHead)) {
    return corrupt("the head of the plan's journal");
  }
  Journal journal{base, {}, {}, kJournalHead};
  for (std::size_t at = kJournalHead; at < file.size();) {
    const Record record = read_record(file.substr(at));
    if (record.state == RecordState::kCorrupt) {
      return corrupt("patch " + std::to_string(journal.bodies.size() + 1) +
                     " of the plan's journal");
    }
    if (record.state == RecordState::kTorn) break;
    at += record.size;
    journal.bodies.push_back(record.body);
    journal.ends.push_back(at);
  }
  return journal;
}

}  // namespace lvs
