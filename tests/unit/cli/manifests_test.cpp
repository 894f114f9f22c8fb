#include "cli/manifests.h"

#include <gtest/gtest.h>

#include "cli/findings.h"
#include "samples.h"

namespace lvs::cli {
namespace {

constexpr const char* kServer =
    "apiVersion: lvs-operator.io/v1alpha1\n"
    "kind: RealServer\n"
    "metadata: {name: web-1, namespace: shop, labels: {app: web}}\n"
    "spec: {address: 192.168.100.21}\n";

TEST(Manifests, EveryObjectOfEveryFileIsRead) {
  const auto set = parse_files(test::s1_files());
  EXPECT_EQ(set.files, 2U);
  EXPECT_EQ(set.resources.size(), 9U);
  EXPECT_TRUE(set.problems.empty());
  const auto snapshot = to_snapshot(set.resources);
  EXPECT_EQ(snapshot.virtual_services.size(), 1U);
  EXPECT_EQ(snapshot.real_servers.size(), 3U);
  EXPECT_EQ(snapshot.nodes.size(), 5U);
}

TEST(Manifests, AnObjectThatIsThereTwiceIsAProblemAndTheFirstStays) {
  const auto set = parse_files({{"a.yaml", kServer}, {"b.yaml", kServer}});
  EXPECT_EQ(set.resources.size(), 1U);
  ASSERT_EQ(set.problems.size(), 1U);
  EXPECT_EQ(
      set.problems[0],
      "b.yaml:1: RealServer shop/web-1: is in a.yaml:1 already; remove one of the two, or rename "
      "it");
}

TEST(Manifests, APathThatIsNotThereIsAnErrorThatNamesIt) {
  const auto files = read_files({"/nonexistent/web.yaml"});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().message,
            "/nonexistent/web.yaml: cannot be read (No such file or directory)");
}

TEST(Findings, TheManifestsOfS1HaveNone) {
  const auto findings = find_problems(parse_files(test::s1_files()));
  EXPECT_TRUE(findings.list.empty()) << to_json(findings);
  EXPECT_TRUE(findings.nodes_known);
}

TEST(Findings, AFieldThatIsWrongIsNamedWithItsPlace) {
  auto files = test::s1_files();
  auto& text = files[0].text;
  text.replace(text.find("name: wrr"), 9, "name: wrx");
  const auto findings = find_problems(parse_files(files));
  ASSERT_FALSE(findings.list.empty());
  const auto line = to_string(findings.list[0]);
  EXPECT_TRUE(line.starts_with("web.yaml:8: VirtualService shop/web: spec.scheduler.name: "))
      << line;
  EXPECT_EQ(findings.errors(), findings.list.size() - findings.warnings());
}

TEST(Findings, WithoutNodesNothingIsSaidAboutTheirLack) {
  const auto findings = find_problems(parse_files({test::s1_files()[0]}));
  EXPECT_FALSE(findings.nodes_known);
  for (const auto& finding : findings.list) {
    EXPECT_NE(finding.reason, "NoDirector") << to_string(finding);
    EXPECT_NE(finding.reason, "UnknownNode") << to_string(finding);
  }
}

TEST(Findings, TwoServicesOnOneVipAndPortAreFoundAcrossFiles) {
  auto files = test::s1_files();
  std::string other = files[0].text.substr(0, files[0].text.find("---"));
  other.replace(other.find("name: web,"), 10, "name: too,");
  files.push_back({"zz.yaml", other});
  const auto findings = find_problems(parse_files(files));
  bool found = false;
  for (const auto& finding : findings.list) {
    found = found || (finding.reason == "VIPPortConflict" && finding.error);
  }
  EXPECT_TRUE(found) << to_json(findings);
}

TEST(Finding, PrintsWhatItKnows) {
  Finding finding{.error = false,
                  .origin = "web.yaml:3",
                  .object = "VirtualService shop/web",
                  .field = "spec.vips[0]",
                  .reason = "NoRealServers",
                  .message = "no RealServer"};
  EXPECT_EQ(to_string(finding),
            "web.yaml:3: warning: VirtualService shop/web: spec.vips[0]: no RealServer "
            "[NoRealServers]");
  finding =
      Finding{.error = true, .origin = {}, .object = {}, .field = {}, .reason = {}, .message = "x"};
  EXPECT_EQ(to_string(finding), "x");
}

}  // namespace
}  // namespace lvs::cli
