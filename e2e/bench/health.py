#!/usr/bin/env python3
"""How long requests fail after a server dies: our health checks beside keepalived's, in one guest and one run.

Both ask /health every second, wait a second for the answer, and take a server out with the second failure. 200
requests per second go to three servers by wrr. nginx on one of them is killed right after it was asked, which is the
worst moment; the window is the time from the first request that fails to the last one. Runs as root on a kernel with
ip_vs; IPv4.

Usage: health.py [--rounds N] [SERIES…]     series: ours, ours-fast, keepalived
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from lab import ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session

SERIES = ["ours", "ours-fast", "keepalived"]
CHECK = {"type": "HTTP", "path": "/health", "interval": "1s", "timeout": "1s", "rise": 1, "fall": 2}
# ours-fast: once a check has failed, the next comes sooner.
FAST = {**CHECK, "fastInterval": "200ms"}
AFTER = 4.0  # the load goes on for so long after the death
VICTIM = "real-server-1"
WEIGHTS = (3, 2, 1)  # of the scenario


def with_checks(manifests: Manifests) -> None:
    manifests.set_spec("VirtualService", "web", persistence=None, healthCheck=CHECK)


def serving(director: Machine, vip: str) -> int:
    """Servers with a weight, by ipvsadm."""
    service = ipvs.table(director).get(f"TCP {vip}:80")
    return sum(each.weight > 0 for each in service.destinations.values()) if service else 0


class Bench:
    def __init__(self, session: Session, rounds: int) -> None:
        self.lab = session.lab
        self.vip = session.lab.vip(4)
        self.director = session.director
        self.victim = session.lab.machine(VICTIM)
        self.rounds = rounds
        self.found: dict[str, list[tuple[float, int]]] = {}

    def series(self, name: str) -> None:
        self.found[name] = [self.death() for _ in range(self.rounds)]
        print(f"  {name}: " + "  ".join(f"{window:.2f} s ({failed})" for window, failed in self.found[name]), flush=True)

    def death(self) -> tuple[float, int]:
        """The window, and how many requests failed in it."""
        self.wait_for(3)
        with traffic.Load(self.lab.client, traffic.url(self.vip, 80), concurrency=8, rate=200) as load:
            time.sleep(1)
            pids = set(re.findall(r"pid=(\d+)", self.victim.run("ss", "-Hltnp", "sport = :80")))
            self.wait_for_a_check()
            for pid in pids:
                os.kill(int(pid), signal.SIGKILL)
            time.sleep(AFTER)
            self.wait_for(2)
        servers.start_nginx(self.victim, self.lab.state / VICTIM)
        when = load.result.failed_at
        return (max(when) - min(when) if when else 0.0), load.result.failed

    def wait_for(self, number: int) -> None:
        wait_until(lambda: serving(self.director, self.vip) == number, f"{number} servers serve", 60, 0.05)

    def wait_for_a_check(self) -> None:
        """The next one from the machine that balances; only what is new in the log is read, so that it is seen at once."""
        asked = re.compile(rf"^{re.escape(self.director.address(4))} .*/health ", re.M)
        with (self.victim.logs / VICTIM / "access.log").open() as log:
            log.seek(0, os.SEEK_END)
            wait_until(lambda: asked.search(log.read()) is not None, "the server is asked", 30, 0.005)


def keepalived(bench: Bench, session: Session) -> None:
    """Its checker alone, on the machine that has the VIP: what the agents have left is taken away first."""
    session.product.operator.stop()
    for machine in session.lab.directors:
        session.product.agent(machine).kill()
    director = bench.director
    director.run("ipvsadm", "-C")
    director.run("ip", "address", "replace", f"{bench.vip}/32", "dev", "eth0")
    conf = session.lab.state / "keepalived.conf"
    conf.write_text(configuration(bench))
    director.popen("keepalived", "keepalived", "-n", "-l", "-C", "-f", str(conf), "-p", str(conf) + ".pid",
                   "-c", str(conf) + ".check.pid")
    bench.series("keepalived")
    director.processes["keepalived"].stop()


def configuration(bench: Bench) -> str:
    check = ("HTTP_GET {\n   url {\n    path /health\n    status_code 200\n   }\n   connect_timeout 1\n   retry 1\n"
             "   delay_before_retry 1\n  }")
    pool = "".join(f" real_server {machine.address(4)} 80 {{\n  weight {weight}\n  {check}\n }}\n"
                   for machine, weight in zip(bench.lab.real_servers, WEIGHTS))
    return (f"virtual_server {bench.vip} 80 {{\n delay_loop 1\n lvs_sched wrr\n lvs_method DR\n protocol TCP\n"
            f"{pool}}}\n")


def report(found: dict[str, list[tuple[float, int]]]) -> int:
    """Prints the table; the number of promises that do not hold."""
    print(f"\n{'requests fail for':<16}{'deaths':>8}{'median':>9}{'worst':>9}{'failed, median':>16}")
    median: dict[str, float] = {}
    for name, deaths in found.items():
        windows = [window for window, _ in deaths]
        median[name] = statistics.median(windows)
        print(f"{name:<16}{len(deaths):>8}{median[name]:>8.2f}s{max(windows):>8.2f}s"
              f"{statistics.median(failed for _, failed in deaths):>16.0f}")
    promises: list[tuple[str, float, float]] = []
    if "ours" in median:
        # fall x interval + timeout
        promises.append(("ours: worst at most 3 s", max(window for window, _ in found["ours"]), 3.0))
    if {"ours", "keepalived"} <= median.keys():
        # What two runs of the same program differ by.
        promises.append(("ours / keepalived: at most 1.05", median["ours"] / median["keepalived"], 1.05))
    short = 0
    for what, value, bound in promises:
        short += value > bound
        print(f"  {what:<40}{value:>7.2f}  {'holds' if value <= bound else 'FALLS SHORT'}")
    return short


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("series", nargs="*", default=SERIES)
    options = parser.parse_args()
    print(f"kernel {os.uname().release}, {os.cpu_count()} CPUs", flush=True)
    with tempfile.TemporaryDirectory(prefix="lvs-bench-", dir="/run") as results:
        with Session(Lab("s1", Path(results)), with_checks) as session:
            bench = Bench(session, options.rounds)
            runs: dict[str, Callable[[], None]] = {
                "ours": lambda: bench.series("ours"),
                "ours-fast": lambda: (session.change("VirtualService", "web", healthCheck=FAST),
                                      bench.series("ours-fast"))[-1],
                "keepalived": lambda: keepalived(bench, session)}
            for name in SERIES:
                if name in options.series:
                    runs[name]()
            return 1 if report(bench.found) else 0


if __name__ == "__main__":
    sys.exit(main())
