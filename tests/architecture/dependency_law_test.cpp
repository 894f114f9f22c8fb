// The dependency law of docs/architecture.md, read from the #include lines themselves.
#include <algorithm>
#include <map>
#include <ostream>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "source_tree.h"

namespace lvs::architecture {
namespace {

const std::vector<SourceFile>& sources() {
  static const auto kSources = read_sources(LVS_SOURCE_DIR);
  return kSources;
}

// What each folder may use besides itself.
const std::map<std::string, std::set<std::string>>& law() {
  static const std::set<std::string> kWholeLibrary{"base", "api",  "core",     "http",
                                                   "kube", "wire", "telemetry"};
  static const std::map<std::string, std::set<std::string>> kLaw{
      {"base", {}},
      {"api", {"base"}},
      {"core", {"base", "api"}},
      {"http", {"base"}},
      {"kube", {"base", "api", "http"}},
      {"wire", {"base", "api", "core", "http"}},
      {"telemetry", {"base"}},
      {"agent", kWholeLibrary},
      {"operator", kWholeLibrary},
      {"cli", kWholeLibrary},
  };
  return kLaw;
}

std::string at(const SourceFile& file, const Include& include) {
  return file.path + ":" + std::to_string(include.line) + " includes " + include.target;
}

TEST(DependencyLaw, EveryFolderIsNamedInTheLaw) {
  for (const auto& file : sources()) EXPECT_TRUE(law().contains(file.folder)) << file.path;
}

TEST(DependencyLaw, FoldersUseOnlyWhatTheyMay) {
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      const auto folder = include.target.substr(0, include.target.find('/'));
      if (!include.quoted || folder == file.folder || !law().contains(folder)) continue;
      EXPECT_TRUE(law().at(file.folder).contains(folder)) << at(file, include);
    }
  }
}

TEST(DependencyLaw, NothingIncludesTests) {
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      EXPECT_FALSE(include.target.starts_with("tests/")) << at(file, include);
      EXPECT_EQ(include.target.find(".."), std::string::npos) << at(file, include);
    }
  }
}

struct Edge {
  const char* library;
  const char* header;  // regular expression over what is included
  const char* home;    // regular expression over the files that may
};

// For the name of the test.
std::ostream& operator<<(std::ostream& out, const Edge& edge) { return out << edge.library; }

class ThirdParty : public testing::TestWithParam<Edge> {};

TEST_P(ThirdParty, AppearsOnlyAtItsEdge) {
  const std::regex header(GetParam().header);
  const std::regex home(GetParam().home);
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      if (!std::regex_search(include.target, header)) continue;
      EXPECT_TRUE(std::regex_search(file.path, home)) << at(file, include);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Libraries, ThirdParty,
    testing::Values(
        Edge{"cpprestsdk", "^(cpprest|pplx)/", "^lib/http/cpprest_"},
        Edge{"boost", "^boost/", "^(lib/http/(beast|cpprest)_|agent/(health|election)/)"},
        Edge{"openssl", "^openssl/",
             "^(lib/http/|lib/kube/credentials\\.cpp|agent/election/heartbeat_hmac\\.cpp|"
             "agent/health/check_tls\\.cpp)"},
        Edge{"yaml_cpp", "^yaml-cpp/", "^lib/api/yaml\\.cpp$"},
        Edge{"simdjson", "^simdjson", "^lib/wire/json_stream\\.cpp"},
        Edge{"json", "^nlohmann/json\\.hpp", "^(lib/(api|wire|kube)/|cli/)"},
        Edge{"libnl", "^netlink/", "^agent/(kernel|announce)/netlink_"},
        Edge{"spdlog", "^spdlog/", "^lib/telemetry/.*\\.cpp$"},
        Edge{"prometheus_cpp", "^prometheus/", "^lib/telemetry/.*\\.cpp$"},
        Edge{"civetweb", "^Civet", "^lib/telemetry/.*\\.cpp$"},
        Edge{"cli11", "^CLI/", "^(agent|operator|cli)/.*(config|options|command).*\\.cpp$|^cli/"}),
    [](const auto& instance) { return std::string(instance.param.library); });

TEST(DependencyLaw, TheCoreIsPure) {
  static const std::set<std::string> kEffects{
      "thread",     "mutex",  "shared_mutex", "condition_variable",
      "future",     "atomic", "fstream",      "iostream",
      "filesystem", "ctime",  "random",       "cstdio"};
  for (const auto& file : sources()) {
    if (file.folder != "core") continue;
    for (const auto& include : file.includes) {
      if (include.quoted) continue;
      EXPECT_FALSE(kEffects.contains(include.target)) << at(file, include);
      EXPECT_EQ(include.target.find('/'), std::string::npos) << at(file, include);
      EXPECT_FALSE(include.target.ends_with(".h")) << at(file, include);
    }
  }
}

TEST(DependencyLaw, ThirdPartyTypesStayOutOfHeaders) {
  // json_fwd.hpp only declares. A header inside an edge (cpprest_*.h) is for that edge's sources.
  static const std::regex kEdgeHeader("/(cpprest|beast|netlink)_[a-z_]*\\.h$");
  static const std::regex kHeavy("^(cpprest|pplx|boost|yaml-cpp|netlink|spdlog|prometheus|CLI)/");
  for (const auto& file : sources()) {
    if (!file.path.ends_with(".h") || std::regex_search(file.path, kEdgeHeader)) continue;
    for (const auto& include : file.includes) {
      EXPECT_FALSE(std::regex_search(include.target, kHeavy)) << at(file, include);
    }
  }
}

// A longer file needs a reason; it is given here, beside its name.
TEST(Budget, FilesStayReadable) {
  static const std::map<std::string, std::string> kReasons{};
  constexpr int kMostLines = 300;
  for (const auto& file : sources()) {
    if (kReasons.contains(file.path)) continue;
    EXPECT_LE(file.lines, kMostLines) << file.path << " is longer than " << kMostLines << " lines";
  }
}

}  // namespace
}  // namespace lvs::architecture
