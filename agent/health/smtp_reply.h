// One reply of an SMTP server (RFC 5321): lines that begin with the same three digits, all but the
// last followed by a hyphen. Pure; bounded by kMostLines.
#pragma once

#include <string_view>

namespace lvs {

class SmtpReply {
 public:
  static constexpr int kMostLines = 100;
  enum class Progress { kMore, kWhole, kWrong };

  // The next line, with its end or without. After kWhole or kWrong there is none.
  Progress add(std::string_view line);
  // Of the first line.
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_ = 0;
  int lines_ = 0;
};

}  // namespace lvs
