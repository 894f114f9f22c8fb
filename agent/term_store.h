// The terms in which this director took each VIP, on disk: an agent that starts again and finds a
// VIP on its own uplink goes on in its term instead of in the first one, so that what was asked of
// an earlier term stays in the past.
//
// In the run folder: it outlives the agent, not the machine, whose addresses do not outlive it either.
// Threads: the agent loop only.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"

namespace lvs {

class TermStore {
 public:
  explicit TermStore(const std::string& run_folder) : path_(run_folder + "/terms") {}

  // Lines that cannot be understood are left out: the wire and the other directors know, too.
  Result<void> load();
  Result<void> note(const IpAddress& vip, std::uint64_t term);
  // As loaded; 0: it was never here.
  [[nodiscard]] std::uint64_t at_start(const IpAddress& vip) const;

 private:
  using Terms = std::map<IpAddress, std::uint64_t>;

  std::string path_;
  Terms at_start_;
  Terms terms_;
};

}  // namespace lvs
