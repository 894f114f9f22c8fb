// lvsctl failover: hands one VIP over to another director, now.
#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "cli/command.h"
#include "cli/move_wait.h"

namespace lvs::cli {
namespace {

struct FailoverOptions {
  MoveOptions move;
  std::string vip;
  std::string to;
};

// Why it cannot be asked for; empty: it can.
std::string obstacle(const VipDuty& duty, const std::string& to, const Duties& duties) {
  const auto& candidates = duty.candidates;
  const auto is_candidate = [&](const std::string& name) {
    return std::find(candidates.begin(), candidates.end(), name) != candidates.end();
  };
  if (duty.holder.empty()) return "no director holds it, so nothing can be handed over";
  if (!to.empty() && !is_candidate(to)) return to + " is not one of its candidates";
  if (!to.empty() && duties.drained.contains(to)) {
    return to + " is drained; `lvsctl undrain " + to + "` first";
  }
  if (to.empty() && duties.successor(duty).empty()) {
    return "stays on " + duty.holder + ": no other candidate answers and is not drained";
  }
  return "";
}

Progress judge(const IpAddress& vip, const VipDuty& before, const std::string& to,
               const Duties& now) {
  const auto found = now.vips.find(vip);
  if (found == now.vips.end()) return {false, of(vip) + "nobody reports it any more"};
  const VipDuty& duty = found->second;
  if (!duty.holder.empty() && duty.holder != before.holder) {
    const bool meant = to.empty() || duty.holder == to;
    return {meant, of(vip) + duty.holder + " holds it (term " + std::to_string(duty.term) + ")"};
  }
  return {false, of(vip) + "still on " + before.holder +
                     (duty.concern.empty() ? "" : ": " + duty.concern)};
}

int fail_over(DutyDesk& desk, const FailoverOptions& options, const IpAddress& vip, Duration wait,
              Io& io) {
  const auto duties = desk.look();
  if (!duties) return fail_with(io, duties.error().message);
  const auto found = duties->vips.find(vip);
  if (found == duties->vips.end()) return fail_with(io, of(vip) + "no VirtualService has this VIP");
  const VipDuty& duty = found->second;
  if (!options.to.empty() && duty.holder == options.to) {
    io.out << of(vip) << options.to << " holds it already\n";
    return kExitOk;
  }
  if (const auto why = obstacle(duty, options.to, *duties); !why.empty()) {
    io.err << "lvsctl: " << of(vip) << why << '\n';
    return kExitNo;
  }
  const std::string heir = options.to.empty() ? duties->successor(duty) : options.to;
  if (options.move.dry_run) {
    io.out << of(vip) << "would move from " << duty.holder << " to " << heir << '\n';
    return kExitOk;
  }
  io.out << of(vip) << "asking " << duty.holder << " to hand it over to " << heir << std::endl;
  if (const auto asked = desk.move(vip, duty, options.to); !asked) {
    return fail_with(io, asked.error().message);
  }
  const bool done = wait_until_done(
      desk, wait, io, [&](const Duties& now) { return judge(vip, duty, options.to, now); });
  if (done) return kExitOk;
  desk.withdraw(duty);
  io.err << "lvsctl: " << of(vip) << "not done within " << options.move.wait
         << "; the request is withdrawn\n";
  return kExitNo;
}

int start(const FailoverOptions& options, Io& io) {
  const auto vip = IpAddress::parse(options.vip);
  if (!vip) return fail_with(io, options.vip + " is not an IP address; name the VIP");
  const auto wait = parse_duration(options.move.wait);
  if (!wait) return fail_with(io, "--wait: " + wait.error().message);
  const auto source = choose_source(options.move.source, io, has_local_agent());
  if (!source) return fail_with(io, source.error().message);
  const auto desk = open_duty_desk(*source);
  return fail_over(*desk, options, *vip, *wait, io);
}

Action declare_failover(CLI::App& app) {
  auto options = std::make_shared<FailoverOptions>();
  app.add_option("vip", options->vip, "The VIP")->required()->type_name("VIP");
  app.add_option("--to", options->to, "The director that shall have it")->type_name("NODE");
  add_move_options(app, options->move);
  return [options](Io& io) { return start(*options, io); };
}

}  // namespace

const Command kFailoverCommand{
    "failover", "Hand a VIP over to another director and wait until it has it",
    "  lvsctl failover 192.168.100.100 --manifests /etc/lvs-operator/manifests\n"
    "  lvsctl failover 192.168.100.100 --to director-2 --agent director-1 --agent director-2\n"
    "  kubectl lvs failover 192.168.100.100 --dry-run\n",
    declare_failover};

}  // namespace lvs::cli
