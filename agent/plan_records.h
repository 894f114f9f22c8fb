// The bytes of the plan store: how a whole plan and a journal are laid out and checked. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvs {

// 32 hexadecimal digits over the bytes.
[[nodiscard]] std::string checksum(std::string_view bytes);

// A file with one content: the body and, on a line of its own, length and checksum.
[[nodiscard]] std::string seal(std::string body);
// The body; kCorrupt when a single bit is not as it was.
[[nodiscard]] Result<std::string_view> unseal(std::string_view file);

// The first line of a journal: which plan.json its patches follow.
[[nodiscard]] std::string journal_header(std::string_view base_checksum);
[[nodiscard]] std::string journal_record(std::string_view body);

struct Journal {
  std::string_view base_checksum;
  std::vector<std::string_view> bodies;
  std::vector<std::size_t> ends;  // of each record, in bytes from the start of the file
  std::size_t header_size = 0;
};
// A record at the end whose writing was cut short is left out. Patches are JSON: a body that ends
// in zero bytes is one of which the file system has kept the length but not the content.
[[nodiscard]] Result<Journal> read_journal(std::string_view file);

}  // namespace lvs
