#include "base/rfc3339.h"

#include <ctime>
#include <iomanip>
#include <sstream>

namespace lvs {

std::optional<WallTime> parse_rfc3339(const std::string& text) {
  std::tm parts{};
  std::istringstream in(text);
  in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%SZ");
  if (in.fail()) return std::nullopt;
  const WallTime time{std::chrono::seconds(timegm(&parts))};
  // Writing it again shows whether all of it was read, and whether there is such a day.
  if (to_rfc3339(time) != text) return std::nullopt;
  return time;
}

}  // namespace lvs
