#include <array>

#include "cli/command.h"

namespace lvs::cli {

extern const Command kStatusCommand;
extern const Command kDiffCommand;
extern const Command kRenderCommand;
extern const Command kValidateCommand;

std::span<const Command* const> commands() {
  // In the order in which --help lists them.
  static constexpr std::array kCommands{
      &kStatusCommand,
      &kDiffCommand,
      &kRenderCommand,
      &kValidateCommand,
  };
  return kCommands;
}

}  // namespace lvs::cli
