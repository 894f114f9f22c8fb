// Every case of tests/refused through our own decoder and rules. tests/apiserver runs the same
// cases against a real API server.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/yaml.h"
#include "core/validate.h"

namespace lvs {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(LVS_SOURCE_DIR) / "tests" / "refused";

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The comment lines at the top, by their word: {"refused": "TEXT"}.
std::map<std::string, std::string> expectations(const std::string& text) {
  std::map<std::string, std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
    const auto colon = line.find(": ");
    found[line.substr(2, colon == std::string::npos ? colon : colon - 2)] =
        colon == std::string::npos ? "" : line.substr(colon + 2);
  }
  return found;
}

struct Verdict {
  std::vector<Resource> resources;
  std::vector<std::string> messages;  // why it is refused; empty: accepted
};

Verdict judge(const std::string& text, const std::string& file) {
  Verdict verdict;
  ParsedManifest parsed = parse_manifest(text, file);
  for (const auto& problem : parsed.problems) verdict.messages.push_back(problem.error.message);
  for (const auto& resource : parsed.resources) {
    for (const auto& found : validate(resource)) verdict.messages.push_back(to_string(found));
  }
  verdict.resources = std::move(parsed.resources);
  return verdict;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Refused : public testing::TestWithParam<std::string> {};

TEST_P(Refused, AsTheApiServerDoes) {
  const std::string text = read_file(kCases / GetParam());
  const auto expected = expectations(text);
  Verdict verdict = judge(text, GetParam());
  if (expected.contains("update-of")) {
    const std::string& file = expected.at("update-of");
    const Verdict before = judge(read_file(kCases / file), file);
    ASSERT_EQ(before.resources.size(), 1U);
    ASSERT_EQ(verdict.resources.size(), 1U);
    for (const auto& found : validate_update(before.resources[0], verdict.resources[0])) {
      verdict.messages.push_back(to_string(found));
    }
  }
  if (expected.contains("accepted")) {
    EXPECT_THAT(verdict.messages, testing::IsEmpty());
    EXPECT_EQ(verdict.resources.size(), 1U);
    return;
  }
  const bool own_words = expected.contains("refused-offline");
  ASSERT_TRUE(own_words || expected.contains("refused")) << "the case says nothing";
  EXPECT_THAT(verdict.messages, testing::Contains(testing::HasSubstr(
                                    expected.at(own_words ? "refused-offline" : "refused"))));
}

INSTANTIATE_TEST_SUITE_P(Cases, Refused, testing::ValuesIn(case_names()), [](const auto& tested) {
  std::string name = tested.param.substr(0, tested.param.size() - 5);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace lvs
