// lvsctl drain and undrain. A director hands over everything and takes nothing, until undrained; a
// real server gets no new connections (server_drain.h).
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "cli/command.h"
#include "cli/move_wait.h"
#include "cli/server_drain.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

struct DrainOptions {
  MoveOptions move;
  std::string node;
  bool server = false;  // it is a real server, even where a director has the name
};

struct Question {
  std::unique_ptr<DutyDesk> desk;
  Duties duties;
  Duration wait{};
};

Result<Question> ask(const DrainOptions& options, const Source& source) {
  const auto wait = parse_duration(options.move.wait);
  if (!wait) return fail_at("--wait", wait.error());
  Question question{open_duty_desk(source), {}, *wait};
  auto duties = question.desk->look();
  if (!duties) return tl::unexpected(duties.error());
  question.duties = std::move(*duties);
  return question;
}

void print_plan(const DrainOptions& options, const Duties& duties, Io& io) {
  Duties after = duties;
  after.drained.insert(options.node);
  for (const auto& vip : duties.held_by(options.node)) {
    const std::string heir = after.successor(duties.vips.at(vip));
    io.out << of(vip)
           << (heir.empty()
                   ? "stays on " + options.node + ": no other candidate answers and is not drained"
                   : "would move from " + options.node + " to " + heir)
           << '\n';
  }
  if (duties.held_by(options.node).empty()) io.out << options.node << " holds no VIP\n";
}

Progress judge_drain(const std::string& node, const Duties& now) {
  const auto held = now.held_by(node);
  if (held.empty()) return {true, node + " holds no VIP; it is drained"};
  std::string text = node + " still holds " + counted(held.size(), "VIP");
  for (const auto& vip : held) {
    const std::string& concern = now.vips.at(vip).concern;
    text += "\n  " + vip.to_string() + (concern.empty() ? "" : ": " + concern);
  }
  return {false, text};
}

int drain(const DrainOptions& options, Question question, Io& io) {
  if (options.move.dry_run) {
    print_plan(options, question.duties, io);
    return kExitOk;
  }
  io.out << "draining " << options.node << std::endl;
  if (const auto asked = question.desk->drain(options.node, true); !asked) {
    return fail_with(io, asked.error().message);
  }
  const bool done = wait_until_done(*question.desk, question.wait, io, [&](const Duties& now) {
    return judge_drain(options.node, now);
  });
  if (done) return kExitOk;
  io.err << "lvsctl: " << options.node << " is not empty after " << options.move.wait
         << "; it stays drained and hands over as soon as somebody can take it; `lvsctl undrain "
         << options.node << "` takes it back\n";
  return kExitNo;
}

int undrain(const DrainOptions& options, Question question, Io& io) {
  if (options.move.dry_run) {
    const bool drained = question.duties.drained.contains(options.node);
    io.out << options.node << (drained ? " would take VIPs again\n" : " is not drained\n");
    return kExitOk;
  }
  if (const auto asked = question.desk->drain(options.node, false); !asked) {
    return fail_with(io, asked.error().message);
  }
  const bool done = wait_until_done(*question.desk, question.wait, io, [&](const Duties& now) {
    const bool still = now.drained.contains(options.node);
    return Progress{
        !still, options.node +
                    (still ? " is still drained" : " takes VIPs again; none moves back by itself")};
  });
  if (done) return kExitOk;
  io.err << "lvsctl: " << options.node
         << " is still drained: its Node is cordoned or has the annotation "
            "lvs-operator.io/drain (`kubectl uncordon`, or correct the manifest)\n";
  return kExitNo;
}

using OfDirector = int (*)(const DrainOptions&, Question, Io&);
using OfServer = int (*)(const Source&, const MoveOptions&, const std::string&, Io&);

// A director where one has the name, as always; else a real server.
template <OfDirector of_director, OfServer of_server>
int act(const DrainOptions& options, Io& io) {
  const auto source = choose_source(options.move.source, io, has_local_agent());
  if (!source) return fail_with(io, source.error().message);
  const bool knows_servers = !std::holds_alternative<AgentSource>(source->from);
  const bool server = options.server || options.node.find('/') != std::string::npos;
  if (server && !knows_servers) {
    return fail_with(io, "agents alone do not know RealServers; name --manifests or --kubeconfig");
  }
  if (server) return of_server(*source, options.move, options.node, io);
  auto question = ask(options, *source);
  if (!question) return fail_with(io, question.error().message);
  if (question->duties.directors.contains(options.node)) {
    return of_director(options, std::move(*question), io);
  }
  if (knows_servers) return of_server(*source, options.move, options.node, io);
  return fail_with(io, options.node + " is no director that is known here");
}

template <OfDirector of_director, OfServer of_server>
Action declare(CLI::App& app) {
  auto options = std::make_shared<DrainOptions>();
  app.add_option("name", options->node, "The director, or the real server (NAME or NAMESPACE/NAME)")
      ->required()
      ->type_name("NAME");
  app.add_flag("--server", options->server,
               "NAME is a real server, also where a director has that name");
  add_move_options(app, options->move);
  return [options](Io& io) { return act<of_director, of_server>(*options, io); };
}

}  // namespace

const Command kDrainCommand{"drain", "Free a director of all VIPs, or a real server of connections",
                            "  lvsctl drain director-1 --manifests /etc/lvs-operator/manifests\n"
                            "  lvsctl drain director-1 --dry-run\n"
                            "  kubectl lvs drain director-1\n"
                            "  kubectl lvs drain web-1 -n shop --wait 10m\n",
                            declare<drain, drain_server>};

const Command kUndrainCommand{"undrain",
                              "Let a drained director take VIPs, or a real server connections",
                              "  lvsctl undrain director-1\n"
                              "  kubectl lvs undrain web-1 -n shop\n",
                              declare<undrain, undrain_server>};

}  // namespace lvs::cli
