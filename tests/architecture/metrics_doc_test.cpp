// docs/metrics.md lists what the daemons count.
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

namespace lvs::architecture {
namespace {

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(std::string(LVS_SOURCE_DIR) + "/" + path).rdbuf();
  return text.str();
}

TEST(Docs, EveryMetricIsListed) {
  static const std::regex kName("\"(lvs_[a-z_]+)\"");
  const std::string listed = read_text("docs/metrics.md");
  for (const auto* path :
       {"agent/metrics.cpp", "agent/metrics_election.cpp", "agent/metrics_health.cpp",
        "agent/metrics_statistics.cpp", "operator/metrics.cpp"}) {
    const std::string code = read_text(path);
    const std::sregex_iterator end;
    std::sregex_iterator name(code.begin(), code.end(), kName);
    EXPECT_NE(name, end) << path;
    for (; name != end; ++name) {
      EXPECT_NE(listed.find("`" + (*name)[1].str() + "`"), std::string::npos)
          << path << ": " << (*name)[1] << " is not in docs/metrics.md";
    }
  }
}

}  // namespace
}  // namespace lvs::architecture
