// Internal to lib/http: pieces of a body as they arrive -> whole lines, bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/client.h"

namespace lvs {

class LineSplitter {
 public:
  enum class State { kGoOn, kEnded, kTooLong };  // kEnded: the handler wants no more

  LineSplitter(const LineHandler& handler, std::size_t max_line_bytes)
      : handler_(handler), max_line_bytes_(max_line_bytes) {}

  State feed(std::string_view piece);
  // The answer has ended properly: what is left is a line too.
  void finish();

 private:
  const LineHandler& handler_;
  std::size_t max_line_bytes_;
  std::string rest_;
};

}  // namespace lvs
