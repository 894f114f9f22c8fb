// A command of lvsctl: a name, its help, and how it declares its options. Adding one is a file with
// a `const Command`, declared below and listed in commands.cpp.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lvs::cli {

// What lvsctl exits with. Stable: scripts rely on it (docs/lvsctl.md).
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;           // the answer is no: invalid, different, a problem
inline constexpr int kExitError = 2;        // wrong usage, or the question could not be asked
inline constexpr int kExitUnreachable = 3;  // a node did not answer: the answer is not complete

// The world as a command sees it. Refers to streams of the caller.
struct Io {
  std::ostream& out;
  std::ostream& err;
  // `out` is a terminal and the user has not set NO_COLOR.
  bool colour = false;
  // Called as a plugin of kubectl: the cluster of the kubeconfig is asked unless told otherwise.
  bool kubectl = false;
  // A variable of the environment, empty when it is not set.
  std::function<std::string(const std::string& name)> environment;
};

using Action = std::function<int(Io&)>;

struct Command {
  const char* name;
  const char* summary;
  const char* examples;  // the foot of --help
  // Declares the options on `app`; the action that it returns runs after they were parsed.
  Action (*declare)(CLI::App& app);
};

extern const Command kStatusCommand;
extern const Command kExplainCommand;
extern const Command kDiffCommand;
extern const Command kRenderCommand;
extern const Command kFailoverCommand;
extern const Command kDrainCommand;
extern const Command kUndrainCommand;
extern const Command kValidateCommand;
extern const Command kTestCommand;
extern const Command kImportCommand;
extern const Command kCompletionCommand;
[[nodiscard]] std::span<const Command* const> commands();

// Prints "lvsctl: <message>" and answers kExitError.
int fail_with(Io& io, const std::string& message);

// The whole program. `arguments` without the program's name.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Io& io);

}  // namespace lvs::cli
