#!/usr/bin/env python3
"""How long clients wait when the holder crashes: ours beside keepalived, in one guest and one run.

A crash kills the holder's processes and pulls out its cable in the same instant. A client asks for a
new connection to the VIP every 10 ms, over both families; the outage is the longest time in which no
answer arrives. Runs as root on a kernel with ip_vs; ratios mean something, seconds are the guest's.

Usage: failover.py [--crashes N] [SERIES…]     series: ours, leases, api-dead, keepalived, keepalived-fast
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Protocol

from lab import api_server, network
from lab.api_server import ApiServer
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.outage import Probes
from lab.session import Session

SERIES = ["ours", "leases", "api-dead", "keepalived", "keepalived-fast"]
BEFORE, LONGEST = 0.5, 20.0


class Contestant(Protocol):
    def start(self, machine: Machine) -> None: ...
    def pids(self, machine: Machine) -> list[int]: ...
    def clear(self, machine: Machine) -> None: ...


class Ours:
    """Agents as they are shipped."""

    def __init__(self, session: Session) -> None:
        self.product = session.product

    def start(self, machine: Machine) -> None:
        self.product.start_agent(machine)
        self.product.wait_for_agent(machine)

    def pids(self, machine: Machine) -> list[int]:
        return [self.product.agent(machine).pid]

    def clear(self, machine: Machine) -> None:
        """The kernel keeps what the agent had put there; after the reboot of a machine it would not."""
        take_off(machine, self.product.lab)


class Keepalived:
    """VRRP alone: the IPVS tables are those that the agents have left."""

    def __init__(self, lab: Lab, interval: str) -> None:
        self.lab = lab
        self.interval = interval

    def start(self, machine: Machine) -> None:
        conf = self.lab.state / f"keepalived-{machine.name}.conf"
        conf.write_text(self._configuration(machine))
        pid_file = self.lab.state / f"keepalived-{machine.name}.pid"
        for file in (pid_file, Path(f"{pid_file}.vrrp")):
            file.unlink(missing_ok=True)
        machine.popen("keepalived", "keepalived", "-n", "-l", "-P", "-f", str(conf),
                      "-p", str(pid_file), "-r", f"{pid_file}.vrrp")
        wait_until(lambda: Path(f"{pid_file}.vrrp").exists(), "keepalived runs", 20)

    def _configuration(self, machine: Machine) -> str:
        priority = 150 if machine is self.lab.directors[0] else 100
        instances = "".join(
            f"vrrp_instance v{family} {{\n state BACKUP\n nopreempt\n interface eth0\n virtual_router_id 5{family}\n"
            f" priority {priority}\n advert_int {self.interval}\n virtual_ipaddress {{\n  {vip}\n }}\n}}\n"
            for family, vip in self.lab.topology.vips.items())
        return f"global_defs {{\n vrrp_version 3\n}}\n{instances}"

    def pids(self, machine: Machine) -> list[int]:
        pid_file = self.lab.state / f"keepalived-{machine.name}.pid"
        return [int(Path(name).read_text()) for name in (f"{pid_file}.vrrp", str(pid_file))]

    def clear(self, machine: Machine) -> None:
        take_off(machine, self.lab)


def take_off(machine: Machine, lab: Lab) -> None:
    for vip in lab.topology.vips.values():
        machine.run("ip", "addr", "del", f"{vip}/{128 if ':' in vip else 32}", "dev", "eth0", check=False)


class Bench:
    def __init__(self, lab: Lab, crashes: int) -> None:
        self.lab = lab
        self.crashes = crashes
        self.outages: dict[str, list[float]] = {}

    def holder(self) -> Machine:
        wait_until(self.lab.held_by_one, "one director holds each VIP", 60)
        return self.lab.machine(self.lab.holder()[0])

    def series(self, name: str, contestant: Contestant) -> None:
        for number in range(self.crashes):
            found = self.crash(contestant)
            for family, seconds in found.items():
                self.outages.setdefault(f"{name} IPv{family}", []).append(seconds)
            print(f"  {name} {number + 1}: " + "  ".join(f"IPv{f} {s:.3f} s" for f, s in found.items()), flush=True)

    def crash(self, contestant: Contestant) -> dict[int, float]:
        vips = self.lab.topology.vips
        with Probes(self.lab.client, list(vips.values())) as probes:
            self.wait_for_answers(probes, time.monotonic())
            dying = self.holder()
            pids = contestant.pids(dying)
            time.sleep(BEFORE)
            at = time.monotonic()
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            network.cut(self.lab.topology, dying.name)
            time.sleep(0.1)  # what was on its way has arrived
            self.wait_for_answers(probes, time.monotonic())
            end = time.monotonic()
            found = {family: probes.outage(vip, at - BEFORE, end) for family, vip in vips.items()}
        contestant.clear(dying)
        self.lab.plug_in(dying)
        contestant.start(dying)
        time.sleep(1)
        return found

    def wait_for_answers(self, probes: Probes, since: float) -> None:
        wait_until(lambda: all(probes.answering(vip, since) for vip in probes.addresses),
                   "the client is answered", LONGEST, 0.1)


def report(outages: dict[str, list[float]]) -> int:
    """Prints the table and what is promised of it; the number of promises that do not hold."""
    print(f"\n{'outage of clients':<24}{'crashes':>8}{'median':>10}{'worst':>10}")
    for name, seconds in outages.items():
        print(f"{name:<24}{len(seconds):>8}{statistics.median(seconds):>9.3f}s{max(seconds):>9.3f}s")
    short = 0
    for family in (4, 6):
        short += promises({name.removesuffix(f" IPv{family}"): seconds for name, seconds in outages.items()
                           if name.endswith(f"IPv{family}")}, family)
    print(f"\n{short} promises fall short")
    return short


def promises(by_name: dict[str, list[float]], family: int) -> int:
    median = {name: statistics.median(seconds) for name, seconds in by_name.items()}
    rows: list[tuple[str, float, float, bool]] = []
    for name in {"ours", "leases"} & median.keys():
        rows += [(f"{name}: median at most 0.30 s", median[name], 0.30, True),
                 (f"{name}: worst at most 0.6 s", max(by_name[name]), 0.6, True)]
    if {"leases", "api-dead"} <= median.keys():
        more = median["api-dead"] - median["leases"]
        rows.append(("API server dead: at most 0.3 s more", more, 0.3, True))
    if {"ours", "keepalived"} <= median.keys():
        rows.append(("keepalived's defaults / ours: at least 10", median["keepalived"] / median["ours"], 10, False))
    if {"ours", "keepalived-fast"} <= median.keys():
        ratio = median["keepalived-fast"] / median["ours"]
        print(f"  IPv{family} {'keepalived at 0.1 s / ours':<46}{ratio:>8.2f}")
    short = 0
    for what, value, bound, at_most in rows:
        holds = value <= bound if at_most else value >= bound
        short += not holds
        print(f"  IPv{family} {what:<46}{value:>8.3f}  {'holds' if holds else 'FALLS SHORT'}")
    return short


def with_leases(bench: Bench, session: Session, wanted: list[str]) -> None:
    if not api_server.is_there():
        print("  no API server: leases and api-dead are left out")
        return
    server = ApiServer(bench.lab)
    server.let_in()
    session.product.leases_from = server.kubeconfig
    restart_directors(session)
    if "leases" in wanted:
        bench.series("leases", Ours(session))
    if "api-dead" in wanted:
        server.freeze()
        bench.series("api-dead", Ours(session))
        server.revive()


def restart_directors(session: Session) -> None:
    for machine in session.lab.directors:
        session.product.agent(machine).kill()
        session.product.start_agent(machine)
    session.settle(60)


def beside_keepalived(bench: Bench, session: Session, wanted: list[str]) -> None:
    session.product.operator.stop()
    for machine in session.lab.directors:
        session.product.agent(machine).kill()
        take_off(machine, session.lab)
    for name, interval in (("keepalived", "1"), ("keepalived-fast", "0.1")):
        if name not in wanted:
            continue
        contestant = Keepalived(bench.lab, interval)
        for machine in session.lab.directors:
            contestant.start(machine)
        bench.series(name, contestant)
        for machine in session.lab.directors:
            machine.processes["keepalived"].stop()


def without_persistence(manifests: Manifests) -> None:
    manifests.set_spec("VirtualService", "web", persistence=None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crashes", type=int, default=10)
    parser.add_argument("series", nargs="*", default=SERIES)
    options = parser.parse_args()
    print(f"kernel {os.uname().release}, {os.cpu_count()} CPUs", flush=True)
    # Logs on a tmpfs; what writes to the host's disk waits for it.
    with tempfile.TemporaryDirectory(prefix="lvs-bench-", dir="/run") as results:
        with Session(Lab("s1", Path(results)), without_persistence) as session:
            bench = Bench(session.lab, options.crashes)
            if "ours" in options.series:
                bench.series("ours", Ours(session))
            if {"leases", "api-dead"} & set(options.series):
                with_leases(bench, session, options.series)
            if {"keepalived", "keepalived-fast"} & set(options.series):
                beside_keepalived(bench, session, options.series)
            report(bench.outages)
        if "LVS_RESULTS" in os.environ:
            shutil.copytree(results, Path(os.environ["LVS_RESULTS"]) / "failover", dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
