// lvsctl completion: what a shell needs to complete commands and options, made from the same
// declarations as --help.
#include <memory>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace lvs::cli {
namespace {

// A command with all its words: "", " status", " import keepalived".
struct Node {
  std::string path;
  const CLI::App* app;
};

void add_nodes(const CLI::App* app, const std::string& path, std::vector<Node>& out) {
  out.push_back({path, app});
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; })) {
    add_nodes(sub, path + " " + sub->get_name(), out);
  }
}

std::vector<Node> nodes_of(const CLI::App* root) {
  std::vector<Node> nodes;
  add_nodes(root, "", nodes);
  return nodes;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App* app) {
  return app->get_subcommands([](const CLI::App*) { return true; });
}

// Those with a long name.
std::vector<const CLI::Option*> options_of(const CLI::App* app) {
  return app->get_options([](const CLI::Option* option) { return !option->get_lnames().empty(); });
}

std::string words_of(const CLI::App* app) {
  std::string words;
  for (const CLI::App* sub : subcommands_of(app)) words += sub->get_name() + " ";
  for (const CLI::Option* option : options_of(app)) words += "--" + option->get_lnames()[0] + " ";
  if (!words.empty()) words.pop_back();
  return words;
}

// Which command is meant is told by the words before the one that is completed; where nothing of
// ours fits, a file may.
void write_bash(const CLI::App* root, std::ostream& out) {
  const auto nodes = nodes_of(root);
  out << "_lvsctl() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} path='' words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$path ${COMP_WORDS[i]}\" in\n";
  std::string paths;
  for (const Node& node : nodes) {
    if (!node.path.empty()) paths += (paths.empty() ? "'" : " | '") + node.path + "'";
  }
  out << "      " << paths << ") path+=\" ${COMP_WORDS[i]}\" ;;\n"
      << "    esac\n"
         "  done\n"
         "  case \"$path\" in\n";
  for (const Node& node : nodes) {
    out << "    '" << node.path << "') words='" << words_of(node.app) << "' ;;\n";
  }
  out << "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "  if ((${#COMPREPLY[@]} == 0)) && [[ $cur != -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _lvsctl lvsctl\n";
}

// In single quotes.
std::string quoted_for_fish(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'' || c == '\\') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return "'" + safe + "'";
}

std::string condition_for_fish(const std::string& path) {
  if (path.empty()) return "__fish_use_subcommand";
  std::string condition;
  std::istringstream words(path);
  for (std::string word; words >> word;) {
    condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
  }
  return condition;
}

void write_fish(const CLI::App* root, std::ostream& out) {
  for (const Node& node : nodes_of(root)) {
    const std::string start = "complete -c lvsctl -n '" + condition_for_fish(node.path) + "' ";
    for (const CLI::App* sub : subcommands_of(node.app)) {
      out << start << "-a " << sub->get_name() << " -d " << quoted_for_fish(sub->get_description())
          << "\n";
    }
    for (const CLI::Option* option : options_of(node.app)) {
      out << start << "-l " << option->get_lnames()[0] << " -d "
          << quoted_for_fish(option->get_description()) << "\n";
    }
  }
}

int complete(const std::string& shell, const CLI::App* root, Io& io) {
  if (shell == "fish") {
    write_fish(root, io.out);
    return kExitOk;
  }
  if (shell == "zsh") io.out << "autoload -U +X bashcompinit && bashcompinit\n";
  write_bash(root, io.out);
  return kExitOk;
}

Action declare_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return [shell, &app](Io& io) { return complete(*shell, app.get_parent(), io); };
}

}  // namespace

const Command kCompletionCommand{"completion", "Completion of commands and options for a shell",
                                 "  source <(lvsctl completion bash)\n"
                                 "  lvsctl completion bash > "
                                 "/usr/share/bash-completion/completions/lvsctl\n"
                                 "  lvsctl completion fish > "
                                 "~/.config/fish/completions/lvsctl.fish\n",
                                 declare_completion};

}  // namespace lvs::cli
