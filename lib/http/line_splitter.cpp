#include "http/line_splitter.h"

namespace lvs {
namespace {

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineSplitter::State LineSplitter::feed(std::string_view piece) {
  for (;;) {
    const auto end = piece.find('\n');
    if (rest_.size() + std::min(end, piece.size()) > max_line_bytes_) return State::kTooLong;
    if (end == std::string_view::npos) break;
    std::string_view line = piece.substr(0, end);
    if (!rest_.empty()) {
      rest_.append(line);
      line = rest_;
    }
    const bool more = handler_(without_carriage_return(line));
    rest_.clear();
    if (!more) return State::kEnded;
    piece.remove_prefix(end + 1);
  }
  rest_.append(piece);
  return State::kGoOn;
}

void LineSplitter::finish() {
  if (!rest_.empty()) handler_(without_carriage_return(rest_));
  rest_.clear();
}

}  // namespace lvs
