#include "telemetry/exposition.h"

#include <array>
#include <charconv>

namespace lvs {
namespace {

constexpr std::size_t kPart = std::size_t{100} * 1024;

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
}

}  // namespace

std::string label_text(
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text.append(name).append("=\"");
    append_escaped(text, value);
    text += '"';
  }
  return text;
}

void Exposition::family(std::string_view name, std::string_view help, Type type) {
  name_ = name;
  part_.append("# HELP ").append(name).append(" ").append(help);
  part_.append("\n# TYPE ").append(name);
  part_.append(type == Type::kCounter ? " counter\n" : " gauge\n");
}

void Exposition::sample(std::string_view labels, std::string_view more, std::uint64_t value) {
  part_.append(name_).append("{").append(labels);
  if (!more.empty()) part_.append(",").append(more);
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  part_.append("} ").append(digits.data(), end).append("\n");
  if (part_.size() > kPart) pass_on();
}

void Exposition::pass_on() {
  if (!part_.empty()) page_(part_);
  part_.clear();
}

}  // namespace lvs
