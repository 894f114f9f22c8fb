#!/usr/bin/env python3
"""A thousand VIPs on three directors: what they write to the API server, and how long one's death is noticed.

Half of the VIPs are IPv4, half IPv6. A client pings every VIP of the director that dies (killed and
cut off in the same instant), four times per second each. Runs as root on a kernel with ip_vs;
seconds are the guest's. Without an API server the directors go by heartbeats and order alone.

Usage: many_vips.py [--pairs N] [--crashes N] [--idle SECONDS]
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

ROUND = 0.25  # every VIP is asked so often
LIFETIME = 10.0
PATIENCE = 600.0  # of the bench, not of clients


def pair(number: int) -> list[str]:
    block, host = 1 + number // 250, 1 + number % 250
    return [f"10.77.{block}.{host}", f"fd00:77:{block}::{host:x}"]


def service(number: int) -> dict[str, object]:
    return {"apiVersion": "lvs-operator.io/v1alpha1", "kind": "VirtualService",
            "metadata": {"name": f"web-{number}", "namespace": "shop"},
            "spec": {"vips": pair(number), "ports": [{"name": "http", "protocol": "TCP", "port": 80}],
                     "scheduler": {"name": "wrr"}, "forwarding": "DirectRouting",
                     "directors": {"preemptAfter": "5s"},  # each crash finds the VIPs spread
                     "realServerSelector": {"matchLabels": {"app": "web"}}}}


class WithLeases(ClaimsLeases):
    """The operator reads a folder: what is written to the API server, the directors write."""

    def settle(self, timeout: float = 0) -> None:
        wait_until(self.lab.held_by_one, "the first VIPs are held", max(timeout, PATIENCE), 1)


class WithoutLeases(Session):
    def settle(self, timeout: float = 0) -> None:
        wait_until(self.lab.held_by_one, "the first VIPs are held", max(timeout, PATIENCE), 1)


class ManyVips:
    def __init__(self, session: Session, pairs: int) -> None:
        self.session = session
        self.lab = session.lab
        self.vips = {vip for number in range(pairs) for vip in pair(number)}
        self.begin = self.told = time.monotonic()

    def held(self, machine: Machine) -> set[str]:
        lines = machine.run("ip", "-o", "addr", "show", "dev", "eth0").splitlines()
        return {line.split()[3].split("/")[0] for line in lines} & self.vips

    def wait_until_held(self, directors: Iterable[Machine], timeout: float = PATIENCE) -> None:
        directors = list(directors)

        def all_held() -> bool:
            held = [self.held(machine) for machine in directors]
            self.tell(held, directors)
            return sum(map(len, held)) == len(self.vips) == len(set().union(*held))

        wait_until(all_held, f"{len(self.vips)} VIPs are held, each once", timeout, 2)

    def tell(self, held: list[set[str]], directors: list[Machine]) -> None:
        """What is waited for, every ten seconds."""
        if time.monotonic() < self.told + 10:
            return
        self.told = time.monotonic()
        each = ", ".join(f"{machine.name} {len(vips)} ({self.seconds_of_cpu(machine):.0f} s CPU)"
                         for machine, vips in zip(directors, held))
        print(f"  {self.told - self.begin:4.0f} s: VIPs held: {each}", flush=True)

    def wait_until_spread(self) -> None:
        """Each director has about a third, and what moved has been forgotten."""
        least = len(self.vips) // 4
        wait_until(lambda: all(len(self.held(machine)) >= least for machine in self.lab.directors),
                   f"each director holds {least} VIPs", PATIENCE, 2)
        self.wait_until_held(self.lab.directors)
        time.sleep(LIFETIME)

    def seconds_of_cpu(self, machine: Machine) -> float:
        stat = Path(f"/proc/{self.session.product.agent(machine).pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def idle(self, duration: float) -> None:
        server = self.session.api if isinstance(self.session, WithLeases) else None
        cpu = {machine.name: self.seconds_of_cpu(machine) for machine in self.lab.directors}
        writes, begin = server.writes() if server else 0.0, time.monotonic()
        time.sleep(duration)
        seconds = time.monotonic() - begin
        if server:
            row("idle: writes to the API server", (server.writes() - writes) / seconds, "/s", 3)
        for machine in self.lab.directors:
            row(f"idle: CPU of {machine.name}'s agent, {len(self.held(machine))} VIPs",
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
        time.sleep(5)  # nothing else runs meanwhile
        self.wait_until_held(others, 60)
        time.sleep(1)
        pings.stop(60)
        answers = json.loads(pings.log_text().splitlines()[-1])
        for family in (4, 6):
            vips = [vip for vip in lost if (":" in vip) == (family == 6)]
            outages = [first_after(answers[vip], at) - at for vip in vips]
            report(f"{dying.name} dies, {len(vips)} IPv{family} VIPs", outages)
        connected = sum(connects(self.lab.client, vip) for vip in (lost[0], lost[len(lost) // 2], lost[-1]))
        print(f"  TCP connections to 3 of them: {connected} made", flush=True)
        self.bring_back(dying)

    def bring_back(self, machine: Machine) -> None:
        """The kernel keeps what the agent had put there; after the reboot of a machine it would not."""
        gone = "".join(f"addr del {vip}/{128 if ':' in vip else 32} dev eth0\n" for vip in self.held(machine))
        machine.run("ip", "-force", "-batch", "-", check=False, stdin=gone)
        self.lab.plug_in(machine)
        self.session.product.start_agent(machine)
        self.wait_until_spread()


def first_after(answers: list[list[float]], at: float) -> float:
    return min((answered for asked, answered in answers if asked > at), default=float("inf"))


def connects(client: Machine, vip: str) -> bool:
    where = f"http://[{vip}]/" if ":" in vip else f"http://{vip}/"
    return client.run("curl", "-sS", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", where, check=False) == "200"


def report(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    row(f"{what}: median until one answers again", statistics.median(ordered), "s")
    row(f"{what}: 99 of 100", ordered[int(len(ordered) * 0.99)], "s")
    row(f"{what}: the last one", ordered[-1], "s", 1.5)


def row(what: str, value: float, unit: str, at_most: float = 0) -> None:
    verdict = "" if not at_most else f"  at most {at_most:g}: {'holds' if value <= at_most else 'FALLS SHORT'}"
    print(f"  {what:<64}{value:>9.3f} {unit}{verdict}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--crashes", type=int, default=3)
    parser.add_argument("--idle", type=float, default=60)
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
                begin = time.monotonic()
                many.wait_until_held(session.lab.directors)
                many.wait_until_spread()
                row("from the start until all VIPs are held and spread", time.monotonic() - begin, "s")
                many.idle(options.idle)
                for number in range(options.crashes):
                    many.crash(session.lab.directors[number % 3])
        finally:
            if "LVS_RESULTS" in os.environ:
                shutil.copytree(results, Path(os.environ["LVS_RESULTS"]) / "many", dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
