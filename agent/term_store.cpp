#include "agent/term_store.h"

#include <sstream>

#include "agent/files.h"

namespace lvs {

Result<void> TermStore::load() {
  const auto content = read_file(path_);
  if (!content) return tl::unexpected(content.error());
  std::istringstream lines(content->value_or(""));
  std::string vip;
  for (std::uint64_t term = 0; lines >> vip >> term;) {
    if (const auto address = IpAddress::parse(vip)) terms_[*address] = term;
  }
  at_start_ = terms_;
  return {};
}

Result<void> TermStore::note(const IpAddress& vip, std::uint64_t term) {
  std::uint64_t& noted = terms_[vip];
  if (noted == term) return {};
  noted = term;
  std::string content;
  for (const auto& [address, each] : terms_) {
    content += address.to_string() + " " + std::to_string(each) + "\n";
  }
  return write_file_atomically(path_, content);
}

std::uint64_t TermStore::at_start(const IpAddress& vip) const {
  const auto found = at_start_.find(vip);
  return found == at_start_.end() ? 0 : found->second;
}

}  // namespace lvs
