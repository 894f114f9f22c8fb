#!/usr/bin/env python3
"""A thousand VIPs on three directors: what they write to the API server, and how long one's death is noticed.

Half of the VIPs are IPv4, half IPv6. A client pings every VIP of the director that dies, each several
times per second. Runs as root on a kernel with ip_vs; seconds are the guest's.

Usage: many_vips.py [--pairs N] [--crashes N]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from lab import api_server, network
from lab.ha import ClaimsLeases
from lab.lab import Lab
from lab.machine import Machine, run, wait_until
from lab.manifests import Manifests
from lab.session import Session

ROUND = 0.2  # every VIP is asked so often
IDLE = 30.0
LIFETIME = 10.0


def pair(number: int) -> list[str]:
    block, host = 1 + number // 250, 1 + number % 250
    return [f"10.77.{block}.{host}", f"fd00:77:{block}::{host:x}"]


def service(number: int) -> dict[str, object]:
    return {"apiVersion": "lvs-operator.io/v1alpha1", "kind": "VirtualService",
            "metadata": {"name": f"web-{number}", "namespace": "shop"},
            "spec": {"vips": pair(number), "ports": [{"name": "http", "protocol": "TCP", "port": 80}],
                     "scheduler": {"name": "wrr"}, "forwarding": "DirectRouting",
                     "realServerSelector": {"matchLabels": {"app": "web"}}}}


class WithLeases(ClaimsLeases):
    """The operator reads a folder: what is written to the API server, the directors write."""

    def settle(self, timeout: float = 300) -> None:
        wait_until(self.lab.held_by_one, "the first VIPs are held", timeout, 1)


class WithoutLeases(Session):
    def settle(self, timeout: float = 300) -> None:
        wait_until(self.lab.held_by_one, "the first VIPs are held", timeout, 1)


class ManyVips:
    def __init__(self, session: Session, pairs: int) -> None:
        self.session = session
        self.lab = session.lab
        self.vips = {vip for number in range(pairs) for vip in pair(number)}

    def held(self, machine: Machine) -> set[str]:
        lines = machine.run("ip", "-o", "addr", "show", "dev", "eth0").splitlines()
        return {line.split()[3].split("/")[0] for line in lines} & self.vips

    def wait_until_held(self, directors: Iterable[Machine], timeout: float = 300) -> None:
        def all_held() -> bool:
            held = [self.held(machine) for machine in directors]
            return sum(map(len, held)) == len(self.vips) == len(set().union(*held))

        wait_until(all_held, f"{len(self.vips)} VIPs are held, each once", timeout, 2)

    def seconds_of_cpu(self, machine: Machine) -> float:
        stat = Path(f"/proc/{self.session.product.agent(machine).pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def idle(self) -> None:
        time.sleep(LIFETIME)
        server = self.session.api if isinstance(self.session, WithLeases) else None
        cpu = {machine.name: self.seconds_of_cpu(machine) for machine in self.lab.directors}
        writes, begin = server.writes() if server else 0.0, time.monotonic()
        time.sleep(IDLE)
        seconds = time.monotonic() - begin
        if server:
            row("idle: writes to the API server", (server.writes() - writes) / seconds, "/s", 3)
        for machine in self.lab.directors:
            row(f"idle: CPU of {machine.name}'s agent",
                (self.seconds_of_cpu(machine) - cpu[machine.name]) / seconds * 100, "%")

    def crash(self, dying: Machine) -> None:
        lost = sorted(self.held(dying))
        others = [machine for machine in self.lab.directors if machine is not dying]
        pings = self.lab.client.popen("pings", sys.executable, str(Path(__file__).parents[1] / "lab" / "pings.py"),
                                      str(ROUND), *lost)
        time.sleep(5)
        at = time.monotonic()
        os.kill(self.session.product.agent(dying).pid, signal.SIGKILL)
        network.cut(self.lab.topology, dying.name)
        self.wait_until_held(others, 60)
        time.sleep(2)
        pings.stop()
        answers = json.loads(pings.log_text().splitlines()[-1])
        again = sorted(first_after(answers[vip], at) - at for vip in lost)
        row(f"{dying.name} dies, {len(lost)} VIPs: median until one answers again", statistics.median(again), "s")
        row(f"{dying.name} dies, {len(lost)} VIPs: until the last one answers", again[-1], "s", 1.5)
        self.bring_back(dying)

    def bring_back(self, machine: Machine) -> None:
        machine.run("ip", "addr", "flush", "dev", "eth0", "label", "eth0:lvs", check=False)
        for vip in self.held(machine):
            machine.run("ip", "addr", "del", f"{vip}/{128 if ':' in vip else 32}", "dev", "eth0", check=False)
        self.lab.plug_in(machine)
        self.session.product.start_agent(machine)
        time.sleep(LIFETIME)


def first_after(answers: list[list[float]], at: float) -> float:
    return min((answered for asked, answered in answers if asked > at), default=float("inf"))


def row(what: str, value: float, unit: str, at_most: float = 0) -> None:
    verdict = "" if not at_most else f"  at most {at_most:g}: {'holds' if value <= at_most else 'FALLS SHORT'}"
    print(f"  {what:<58}{value:>9.3f} {unit}{verdict}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--crashes", type=int, default=3)
    options = parser.parse_args()
    print(f"kernel {os.uname().release}, {os.cpu_count()} CPUs", flush=True)
    for family in ("ipv4", "ipv6"):  # a client that speaks to a thousand neighbours
        run(["sysctl", "-qw", *(f"net.{family}.neigh.default.gc_thresh{level}={2048 * level}" for level in (1, 2, 3))])

    def prepare(manifests: Manifests) -> None:
        manifests.write("many.yaml", *(service(number) for number in range(options.pairs)))

    kind = WithLeases if api_server.is_there() else WithoutLeases
    with tempfile.TemporaryDirectory(prefix="lvs-bench-", dir="/run") as results:
        try:
            with kind(Lab("many", Path(results)), prepare) as session:
                many = ManyVips(session, options.pairs)
                many.wait_until_held(session.lab.directors)
                many.idle()
                for number in range(options.crashes):
                    many.crash(session.lab.directors[number % 3])
        finally:
            if "LVS_RESULTS" in os.environ:
                shutil.copytree(results, Path(os.environ["LVS_RESULTS"]) / "many", dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
