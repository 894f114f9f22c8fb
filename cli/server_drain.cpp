#include "cli/server_drain.h"

#include <ostream>

#include "base/duration.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

constexpr Duration kCountEvery{1'000};

struct ServerStanding {
  ServerChoice server;
  std::shared_ptr<const RealServer> object;
  Explanation explanation;
  std::string not_counted;  // why nobody counts connections; empty: they are counted
};

Result<ServerStanding> stand(const ClusterSnapshot& snapshot, const std::string& name) {
  auto choice = choose_server(snapshot, name);
  if (!choice) return tl::unexpected(choice.error());
  auto object = snapshot.real_servers.at(*choice->key);
  return ServerStanding{std::move(*choice), std::move(object), {}, ""};
}

// Kernels count connections, and only agents see kernels. In a cluster the status is enough to see
// that the directors follow.
Result<ServerStanding> look_at(const Source& source, const std::string& name) {
  auto answers = gather_answers(source);
  if (answers) {
    auto standing = stand(*answers->wanted, name);
    if (!standing) return tl::unexpected(standing.error());
    standing->explanation = explain_from_agents(*answers, to_string(*standing->server.key)).value();
    return standing;
  }
  const auto* kube = std::get_if<KubeChoice>(&source.from);
  if (kube == nullptr) return tl::unexpected(answers.error());
  const auto objects = read_cluster(*kube, source.timeout);
  if (!objects) return tl::unexpected(objects.error());
  auto standing = stand(objects->snapshot, name);
  if (!standing) return tl::unexpected(standing.error());
  standing->explanation = explain_from_objects(*objects, to_string(*standing->server.key)).value();
  standing->not_counted = answers.error().message;
  return standing;
}

std::string connections_of(const Remaining& remaining) {
  return std::to_string(remaining.active) + " active and " + std::to_string(remaining.inactive) +
         " inactive connections";
}

Progress judge_server_drain(const ServerStanding& now) {
  const Remaining remaining = remaining_of(now.explanation);
  const std::string& name = now.explanation.name;
  if (now.explanation.services.empty()) return {true, name + " is in no service"};
  if (remaining.weighted) return {false, name + " still gets new connections"};
  if (!now.not_counted.empty() && remaining.known) {
    return {true, name + " gets no new connections; how many are left is not known here: " +
                      now.not_counted};
  }
  if (!remaining.known) return {false, name + ": a director does not answer"};
  if (remaining.active + remaining.inactive == 0) {
    return {true, name + " is drained: no connection is left"};
  }
  return {false, name + ": " + connections_of(remaining) + " are left"};
}

Progress judge_server_undrain(const ServerStanding& now) {
  const Remaining remaining = remaining_of(now.explanation);
  const std::string& name = now.explanation.name;
  if (now.explanation.services.empty()) return {true, name + " is in no service"};
  if (remaining.known && !remaining.held_out) return {true, name + " gets new connections again"};
  return {false, name + " gets no new connections yet"};
}

class ServerDrain {
 public:
  ServerDrain(const Source& source, const MoveOptions& options, bool wish, Io& io)
      : source_(source), options_(options), wish_(wish), io_(io) {}

  int run(const std::string& name) {
    const auto wait = parse_duration(options_.wait);
    if (!wait) return fail_with(io_, "--wait: " + wait.error().message);
    const auto now = look_at(source_, name);
    if (!now) return fail_with(io_, now.error().message);
    if (options_.dry_run) return show_plan(*now);
    if (now->object->spec.drain != wish_) {
      const auto changed = change(*now);
      if (changed != kExitOk) return changed;
    }
    return watch(to_string(*now->server.key), *wait);
  }

 private:
  int show_plan(const ServerStanding& now) {
    io_.out << now.explanation.name;
    if (now.object->spec.drain == wish_) {
      io_.out << (wish_ ? " is drained already" : " is not drained");
    } else {
      io_.out << (wish_ ? ": spec.drain would be set" : ": spec.drain would be taken back");
    }
    const Remaining remaining = remaining_of(now.explanation);
    if (now.not_counted.empty() && remaining.known) io_.out << "; " << connections_of(remaining);
    io_.out << '\n';
    return kExitOk;
  }

  // The API server is asked to; a file is its author's.
  int change(const ServerStanding& now) {
    const auto* kube = std::get_if<KubeChoice>(&source_.from);
    if (kube == nullptr) {
      io_.err << "lvsctl: nothing was changed: manifests are not written to. Set `drain: "
              << (wish_ ? "true" : "false") << "` under spec of RealServer " << now.explanation.name
              << " (" << now.object->meta.origin
              << "); the operator follows at once, and this command then shows what is left\n";
      return kExitNo;
    }
    const std::string patch = wish_ ? R"({"spec":{"drain":true}})" : R"({"spec":{"drain":false}})";
    const auto patched =
        patch_object(*kube, Kind::kRealServer, *now.server.key, patch, source_.timeout);
    return patched ? kExitOk : fail_with(io_, patched.error().message);
  }

  int watch(const std::string& name, Duration wait) {
    io_.out << (wish_ ? "draining " : "undraining ") << name << std::endl;
    const bool done = wait_until(wait, kCountEvery, io_, [&] {
      const auto now = look_at(source_, name);
      if (!now) return Progress{false, now.error().message};
      return wish_ ? judge_server_drain(*now) : judge_server_undrain(*now);
    });
    if (done) return kExitOk;
    io_.err << "lvsctl: not done after " << options_.wait
            << (wish_ ? "; it stays drained: new connections go to the others\n"
                      : "; `lvsctl explain " + name + "` says why\n");
    return kExitNo;
  }

  const Source& source_;
  const MoveOptions& options_;
  const bool wish_;
  Io& io_;
};

}  // namespace

Remaining remaining_of(const Explanation& explanation) {
  Remaining remaining;
  remaining.known = true;
  for (const auto& service : explanation.services) {
    bool held = false;
    for (const auto& row : service.directors) {
      if (row.role != "holder") continue;
      held = true;
      const bool weighted = row.kernel.value_or(0) > 0;
      remaining.weighted = remaining.weighted || weighted;
      remaining.held_out = remaining.held_out || !weighted;
      remaining.active += row.active.value_or(0);
      remaining.inactive += row.inactive.value_or(0);
    }
    remaining.known = remaining.known && held;
  }
  return remaining;
}

int drain_server(const Source& source, const MoveOptions& options, const std::string& name,
                 Io& io) {
  return ServerDrain(source, options, true, io).run(name);
}

int undrain_server(const Source& source, const MoveOptions& options, const std::string& name,
                   Io& io) {
  return ServerDrain(source, options, false, io).run(name);
}

}  // namespace lvs::cli
