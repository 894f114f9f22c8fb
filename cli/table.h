// Text for people: aligned columns, and colour where the terminal has it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lvs::cli {

enum class Tone { kPlain, kHeading, kGood, kBad, kDim };

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;

  Cell(std::string cell_text, Tone cell_tone = Tone::kPlain)  // NOLINT(google-explicit-constructor)
      : text(std::move(cell_text)), tone(cell_tone) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT(google-explicit-constructor)
};

// The text in the colour of its tone, or as it is.
[[nodiscard]] std::string paint(const std::string& text, Tone tone, bool colour);

class TextTable {
 public:
  explicit TextTable(const std::vector<std::string>& headings);
  void add(std::vector<Cell> row);  // as many cells as headings; an empty text prints as "-"
  [[nodiscard]] bool empty() const { return rows_.size() == 1; }
  // Each line indented by `indent` spaces; no spaces at the ends of lines.
  [[nodiscard]] std::string to_string(std::size_t indent, bool colour) const;

 private:
  std::vector<std::vector<Cell>> rows_;  // the first has the headings
};

// An empty cell where there is no number.
template <typename Number>
[[nodiscard]] std::string text_or_blank(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "";
}
// "a, b, c".
[[nodiscard]] std::string join(const std::vector<std::string>& words,
                               const std::string& between = ", ");
// "1 file", "2 files".
[[nodiscard]] std::string counted(std::size_t count, const std::string& noun);

}  // namespace lvs::cli
