#include "cli/keepalived_text.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace lvs::cli {
namespace {

constexpr int kDeepestBlock = 16;
constexpr int kDeepestInclude = 8;

struct Token {
  enum class Kind { kWord, kOpen, kClose, kLineEnd, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  int line = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token next() {
    skip_blanks();
    if (rest_.empty()) return {Token::Kind::kEnd, {}, line_};
    switch (rest_.front()) {
      case '\n':
        rest_.remove_prefix(1);
        return {Token::Kind::kLineEnd, {}, line_++};
      case '{':
        rest_.remove_prefix(1);
        return {Token::Kind::kOpen, {}, line_};
      case '}':
        rest_.remove_prefix(1);
        return {Token::Kind::kClose, {}, line_};
      default:
        return {Token::Kind::kWord, read_word(), line_};
    }
  }

 private:
  static bool is_comment(char c) { return c == '#' || c == '!'; }
  static bool ends_word(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '{' || c == '}' ||
           is_comment(c);
  }

  void skip_blanks() {
    while (!rest_.empty() && rest_.front() != '\n') {
      if (is_comment(rest_.front())) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (std::isspace(static_cast<unsigned char>(rest_.front())) != 0) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  std::string read_word() {
    std::string word;
    while (!rest_.empty() && !ends_word(rest_.front())) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c != '"' && c != '\'') {
        word += c;
        continue;
      }
      const std::size_t end = std::min(rest_.find_first_of(std::string{c, '\n'}), rest_.size());
      word += rest_.substr(0, end);
      rest_.remove_prefix(end);
      if (!rest_.empty() && rest_.front() == c) rest_.remove_prefix(1);
    }
    return word;
  }

  std::string_view rest_;
  int line_ = 1;
};

class Parser {
 public:
  Parser(const KeepalivedFile& file, const KeepalivedIncludes& includes, int depth)
      : file_(file), includes_(includes), depth_(depth), lexer_(file.text) {}

  Result<KeepalivedDirectives> run() {
    KeepalivedDirectives all;
    if (auto read = read_block(all, 0); !read) return tl::unexpected(read.error());
    return all;
  }

 private:
  // A brace on a line of its own belongs to the directive before it.
  Result<void> read_block(KeepalivedDirectives& into, int depth) {
    bool line_begins = true;
    for (Token token = lexer_.next();; token = lexer_.next()) {
      switch (token.kind) {
        case Token::Kind::kEnd:
          if (auto done = finish(into); !done) return done;
          return depth == 0 ? Result<void>{} : wrong(token.line, "a \"}\" is missing at the end");
        case Token::Kind::kClose:
          if (auto done = finish(into); !done) return done;
          return depth > 0 ? Result<void>{} : wrong(token.line, "a \"}\" without its \"{\"");
        case Token::Kind::kLineEnd:
          if (auto done = finish(into); !done) return done;
          line_begins = true;
          break;
        case Token::Kind::kWord:
          if (line_begins) into.push_back({file_.name, token.line, {}, false, {}});
          into.back().words.push_back(std::move(token.text));
          line_begins = false;
          break;
        case Token::Kind::kOpen:
          if (into.empty()) return wrong(token.line, "a \"{\" without a word before it");
          if (depth == kDeepestBlock) return wrong(token.line, "blocks are nested too deeply");
          into.back().has_block = true;
          if (auto read = read_block(into.back().block, depth + 1); !read) return read;
          line_begins = true;
          break;
      }
    }
  }

  // An include is replaced by what it names.
  Result<void> finish(KeepalivedDirectives& into) {
    if (into.empty() || into.back().name() != "include") return {};
    const KeepalivedDirective include = std::move(into.back());
    into.pop_back();
    if (depth_ == kDeepestInclude) return wrong(include.line, "includes are nested too deeply");
    const auto files = includes_(include.word(1), file_.name);
    if (!files) return wrong(include.line, files.error().message);
    for (const KeepalivedFile& file : *files) {
      auto more = Parser(file, includes_, depth_ + 1).run();
      if (!more) return tl::unexpected(more.error());
      into.insert(into.end(), more->begin(), more->end());
    }
    return {};
  }

  tl::unexpected<Error> wrong(int line, const std::string& what) const {
    return fail(ErrorCode::kInvalidArgument, file_.name + ":" + std::to_string(line) + ": " + what);
  }

  const KeepalivedFile& file_;
  const KeepalivedIncludes& includes_;
  int depth_;
  Lexer lexer_;
};

}  // namespace

Result<KeepalivedDirectives> parse_keepalived(const KeepalivedFile& file,
                                              const KeepalivedIncludes& includes) {
  return Parser(file, includes, 0).run();
}

}  // namespace lvs::cli
