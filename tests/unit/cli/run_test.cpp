// The whole program in-process: arguments in, text and exit code out.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/command.h"
#include "samples.h"

namespace lvs::cli {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome call(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Io io{.out = out,
        .err = err,
        .colour = false,
        .kubectl = false,
        .environment = [](const std::string&) { return ""; }};
  const int code = run(arguments, io);
  return {code, out.str(), err.str()};
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
    for (const auto& file : test::s1_files()) write(file.name, file.text);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] std::string path() const { return folder_.string(); }

 private:
  fs::path folder_;
};

TEST_F(Program, HelpListsTheCommandsAndTheExitCodes) {
  const auto help = call({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const auto* command : commands()) {
    EXPECT_NE(help.out.find(command->name), std::string::npos) << command->name;
    const auto own = call({command->name, "--help"});
    EXPECT_EQ(own.code, 0);
    EXPECT_NE(own.out.find("Examples:"), std::string::npos) << own.out;
  }
  EXPECT_NE(help.out.find("Exit codes:"), std::string::npos);
}

TEST_F(Program, VersionIsPrinted) {
  const auto version = call({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(version.out.starts_with("lvsctl ")) << version.out;
}

TEST_F(Program, WrongUsageExitsTwoAndSaysSo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"frobnicate"},
        {"render"},
        {"validate", "--no-such"},
        {"status", "-o", "xml"},
        {"status", "--agent", "a", "--manifests", "b"}}) {
    const auto outcome = call(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_FALSE(outcome.err.empty());
    EXPECT_TRUE(outcome.out.empty()) << outcome.out;
  }
}

TEST_F(Program, ValidateAcceptsS1) {
  const auto outcome = call({"validate", path()});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "2 files, 9 objects: no problems\n");
}

TEST_F(Program, ValidateSaysWhatIsWrongAndExitsOne) {
  write("bad.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n");
  const auto outcome = call({"validate", path()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("bad.yaml:"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("3 files, 9 objects: 1 error, 0 warnings\n"), std::string::npos)
      << outcome.out;
}

TEST_F(Program, ValidateSpeaksJsonAndYaml) {
  EXPECT_EQ(call({"validate", path(), "-o", "json"}).out,
            "{\n  \"valid\": true,\n  \"files\": 2,\n  \"objects\": 9,\n  \"findings\": []\n}\n");
  EXPECT_EQ(call({"validate", path(), "-o", "yaml"}).out,
            "valid: true\nfiles: 2\nobjects: 9\nfindings: []\n");
}

TEST_F(Program, RenderPrintsEachDirectorUnderItsName) {
  const auto outcome = call({"render", path()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("# director-1\n-A -t 192.168.100.100:80 -s wrr -p 60\n"))
      << outcome.out;
  EXPECT_NE(outcome.out.find("# director-2\n"), std::string::npos);
  EXPECT_EQ(outcome.out.find("real-server"), std::string::npos);
}

TEST_F(Program, RenderOfOneNodeAndOfNone) {
  const auto one = call({"render", "--node", "director-2", path()});
  EXPECT_EQ(one.code, 0);
  EXPECT_TRUE(one.out.starts_with("-A -t 192.168.100.100:80 -s wrr -p 60\n")) << one.out;
  EXPECT_EQ(one.out.find('#'), std::string::npos);
  const auto none = call({"render", "--node", "director-9", path()});
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.err.find("director-1, director-2"), std::string::npos) << none.err;
}

TEST_F(Program, RenderOfManifestsThatDoNotParsePrintsNoTable) {
  write("bad.yaml", "kind: [\n");
  const auto outcome = call({"render", path()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.out.empty());
  EXPECT_NE(outcome.err.find("bad.yaml:"), std::string::npos);
}

TEST_F(Program, AFolderWithoutManifestsIsAnError) {
  const auto outcome = call({"validate", testing::TempDir() + "/../nowhere"});
  EXPECT_EQ(outcome.code, 2);
}

// What bash makes of it: the words that fit the last one of `line`.
std::string completed(const std::string& line) {
  const std::string script = call({"completion", "bash"}).out + "COMP_WORDS=(" + line +
                             ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_lvsctl\n"
                             "echo \"${COMPREPLY[*]}\"\n";
  const fs::path file = fs::path(testing::TempDir()) / "completion.bash";
  std::ofstream(file) << script;
  std::unique_ptr<FILE, int (*)(FILE*)> bash(popen(("bash " + file.string()).c_str(), "r"), pclose);
  std::string said;
  for (int c = std::fgetc(bash.get()); c != EOF; c = std::fgetc(bash.get())) {
    said += static_cast<char>(c);
  }
  return said;
}

TEST(Completion, OfCommandsOptionsAndWhatFollowsACommand) {
  EXPECT_EQ(completed("lvsctl stat"), "status\n");
  EXPECT_EQ(completed("lvsctl status --kubec"), "--kubeconfig\n");
  EXPECT_EQ(completed("lvsctl test distr"), "distribution\n");
  EXPECT_EQ(completed("lvsctl status --timeout 3s --contex"), "--context\n");
  EXPECT_EQ(completed("lvsctl status --no-such"), "\n");
  const std::string manifest = (fs::path(testing::TempDir()) / "completed.yaml").string();
  std::ofstream{manifest};
  EXPECT_EQ(completed("lvsctl validate " + manifest.substr(0, manifest.size() - 3)),
            manifest + "\n");
}

TEST(Completion, OfEveryShell) {
  EXPECT_EQ(call({"completion", "zsh"}).out.find("autoload"), 0U);
  EXPECT_NE(call({"completion", "fish"})
                .out.find("complete -c lvsctl -n '__fish_use_subcommand' -a status"),
            std::string::npos);
  EXPECT_EQ(call({"completion", "tcsh"}).code, kExitError);
}

}  // namespace
}  // namespace lvs::cli
