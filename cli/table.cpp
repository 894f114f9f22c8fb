#include "cli/table.h"

#include <algorithm>

namespace lvs::cli {
namespace {

// ISO 6429 (ANSI) sequences.
const char* sequence_of(Tone tone) {
  switch (tone) {
    case Tone::kHeading:
      return "\033[1m";
    case Tone::kGood:
      return "\033[32m";
    case Tone::kBad:
      return "\033[31m";
    case Tone::kDim:
      return "\033[2m";
    case Tone::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string paint(const std::string& text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain) return text;
  return sequence_of(tone) + text + "\033[0m";
}

TextTable::TextTable(const std::vector<std::string>& headings) {
  auto& row = rows_.emplace_back();
  for (const auto& heading : headings) row.emplace_back(heading, Tone::kHeading);
}

void TextTable::add(std::vector<Cell> row) {
  for (auto& cell : row) {
    if (cell.text.empty()) cell.text.push_back('-');
  }
  rows_.push_back(std::move(row));
}

std::string TextTable::to_string(std::size_t indent, bool colour) const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].text.size());
  }
  std::string text;
  for (const auto& row : rows_) {
    text.append(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += paint(row[i].text, row[i].tone, colour);
      if (i + 1 < row.size()) text.append(widths[i] - row[i].text.size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string join(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace lvs::cli
