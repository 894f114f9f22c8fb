"""The commands of the lab's shell: python3 -m lab.commands SCENARIO COMMAND [ARGUMENT…]."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from lab import ipvs, topology, traffic
from lab.capture import Capture
from lab.machine import Machine, run
from lab.product import binary


class Commands:
    """Works on the machines of a scenario that is already up."""

    def __init__(self, scenario: str) -> None:
        self.topology = topology.load(scenario)
        self.results = Path(os.environ["LVS_LAB_RESULTS"])
        self.machines = {spec.name: Machine(spec, self.results) for spec in self.topology.machines}
        self.client = self.machines["client"]
        port = next(spec.web_ports[0] for spec in self.topology.machines if spec.web_ports)
        self.vip, self.port = self.topology.vips[4], port
        self.url = traffic.url(self.vip, port)

    def basic(self) -> None:
        print(f"{self.url} answered by {traffic.http_get(self.client, self.url)}")

    def distribution(self, count: str = "100") -> None:
        for name, times in sorted(traffic.answers(self.client, self.url, int(count)).items()):
            print(f"{name:20} {times:5}")

    def performance(self, concurrency: str = "10", requests: str = "500") -> None:
        with traffic.Load(self.client, self.url, concurrency=int(concurrency), requests=int(requests)) as load:
            result = load.wait()
        latency = ", ".join(f"{name} {value} ms" for name, value in result.milliseconds.items())
        print(f"{result.ok} ok, {result.failed} failed {result.reasons or ''} in {result.seconds} s: "
              f"{result.rate} per second\nlatency percentiles: {latency}")

    def dsr_verify(self) -> None:
        directors = [self.machines[spec.name] for spec in self.topology.with_role(topology.DIRECTOR)]
        # Seen where the real servers' segment ends: on the router where there is one, else at the client.
        router = next((m for m in self.machines.values() if m.spec.forwarding), None)
        watcher, interface = (router, "eth1") if router else (self.client, "eth0")
        file = self.results / "captures" / "dsr-verify.pcap"
        with Capture(watcher, file, interface, f"tcp port {self.port}") as capture:
            traffic.answers(self.client, self.url, 12)
        owners = {i.mac: spec.name for spec in self.topology.machines for i in spec.interfaces}
        senders = Counter(owners.get(p.src_mac, p.src_mac) for p in capture.from_port(self.vip, self.port))
        for name, packets in sorted(senders.items()):
            print(f"{packets:4} response packets sent by {name}")
        key = f"TCP {self.vip}:{self.port}"
        tables = [ipvs.statistics(director) for director in directors]
        passed = sum(table[key][""].out_packets for table in tables if key in table)
        print(f"{passed} packets out through the directors; capture: {file}")

    def table(self) -> None:
        for spec in self.topology.with_role(topology.DIRECTOR):
            print(f"{spec.name}:\n{self.machines[spec.name].run('ipvsadm', '-Ln')}")

    def status(self) -> None:
        print(run([binary("lvsctl"), "status", "--manifests", f"{os.environ['LVS_LAB_STATE']}/manifests"], check=False))

    def logs(self, machine: str = "host") -> None:
        for file in sorted((self.results / machine).glob("*.log")):
            print(f"==> {file}\n{file.read_text(errors='replace')[-4000:]}")


def main() -> None:
    scenario, name, *arguments = sys.argv[1:]
    command = {"ipvs": "table", "dsr-verify": "dsr_verify"}.get(name, name)
    getattr(Commands(scenario), command)(*arguments)


if __name__ == "__main__":
    main()
