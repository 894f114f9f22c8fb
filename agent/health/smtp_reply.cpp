#include "agent/health/smtp_reply.h"

#include <algorithm>

namespace lvs {

SmtpReply::Progress SmtpReply::add(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const bool digits = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3,
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || ++lines_ > kMostLines) return Progress::kWrong;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (lines_ == 1) code_ = code;
  if (code != code_) return Progress::kWrong;
  if (line.size() == 3 || line[3] == ' ') return Progress::kWhole;
  return line[3] == '-' ? Progress::kMore : Progress::kWrong;
}

}  // namespace lvs
