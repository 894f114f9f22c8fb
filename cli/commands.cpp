#include <array>

#include "cli/command.h"

namespace lvs::cli {

std::span<const Command* const> commands() {
  // In the order in which --help lists them.
  static constexpr std::array kCommands{
      &kStatusCommand, &kExplainCommand, &kDiffCommand,       &kFailoverCommand,
      &kDrainCommand,  &kUndrainCommand, &kRenderCommand,     &kValidateCommand,
      &kTestCommand,   &kImportCommand,  &kCompletionCommand,
  };
  return kCommands;
}

}  // namespace lvs::cli
