#!/usr/bin/python3
"""demo.py RESULTS: S1 from a folder of YAML files, with the proof of direct routing. See e2e/demo."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Callable

from lab import ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import wait_until
from lab.manifests import Manifests
from lab.product import Product

EXPECTED = {"real-server-1": 30, "real-server-2": 20, "real-server-3": 10}
KEY = "TCP 192.168.100.100:80"


class Demo:
    """The steps, in order. A step that finds something wrong raises AssertionError."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.product = Product(lab)
        self.manifests = Manifests(lab.topology.manifests, lab.state / "manifests")
        self.started = time.monotonic()
        self.number = 0

    def run(self) -> None:
        steps = (
            ("Network namespaces: a client, two directors, three real servers with nginx", self.machines),
            ("An agent on every director and real server", self.agents),
            ("The operator, on a folder of manifests", self.operator),
            ("What the kernel of the director holds now (ipvsadm -Ln)", self.table),
            ("60 requests from the client to the VIP", self.requests),
            ("The proof of direct routing", self.proof),
            ("What lvsctl says", self.status),
        )
        for title, step in steps:
            self.step(len(steps), title, step)

    def step(self, of: int, title: str, action: Callable[[], None]) -> None:
        self.number += 1
        print(f"\n[{self.number}/{of}] {title}   ({time.monotonic() - self.started:.0f} s)")
        action()

    def say(self, text: str) -> None:
        print("".join(f"    {line}\n" for line in text.rstrip().splitlines()), end="")

    def machines(self) -> None:
        self.lab.up()
        for machine in self.lab.machines.values():
            self.say(f"{machine.name:15} {machine.address(4):16} {machine.address(6)}")

    def agents(self) -> None:
        self.product.make_certificates()
        self.product.start_agents()
        self.say("running, each with a certificate of its own")

    def operator(self) -> None:
        # A client stays with its server for 60 s in the manifests as they are; counting needs it off.
        self.manifests.set_spec("VirtualService", "web", persistence=None)
        self.product.start_operator(manifests=self.manifests.folder)
        for manifest in self.manifests.objects():
            self.say(f"{manifest['kind']:15} {manifest['metadata']['name']}")
        wait_until(self.lab.held_by_one, "one director holds each VIP", 60)
        wait_until(self.product.in_sync, "every kernel follows", 60, 0.5)
        self.say("every kernel follows")

    def table(self) -> None:
        self.say(self.lab.machine(self.lab.holder()[0]).run("ipvsadm", "-Ln"))

    def requests(self) -> None:
        with self.lab.capture("client", "demo", "tcp port 80") as self.captured:
            served = traffic.answers(self.lab.client, traffic.url(self.lab.vip(), 80), 60)
        for name in EXPECTED:
            self.say(f"{name}  {served[name]:3}  {'#' * served[name]}")
        assert served == EXPECTED, f"expected {EXPECTED}, got {dict(served)}"

    def proof(self) -> None:
        vip, director = self.lab.vip(), self.lab.machine(self.lab.holder()[0])
        senders = Counter(packet.src_mac for packet in self.captured.from_port(vip, 80))
        for mac, packets in sorted(senders.items()):
            self.say(f"{packets:4} response packets came from {mac}, which is {self.lab.name_of(mac)}")
        assert {self.lab.name_of(mac) for mac in senders} == set(EXPECTED)

        counters = ipvs.statistics_after(director, KEY, 60)[""]
        self.say(f"the director passed {counters.in_packets} packets in and {counters.out_packets} out")
        assert (counters.connections, counters.out_packets, counters.out_bytes) == (60, 0, 0)

        seen = {request.client for m in self.lab.real_servers for request in servers.access_log(m)}
        self.say(f"the servers' logs have the client's own address: {', '.join(sorted(seen))}")
        assert seen == {self.lab.client.address()}

        answers = traffic.who_answers(self.lab.client, vip, 20)
        for mac, count in answers.items():
            self.say(f"{count} of 20 ARP requests for {vip} answered by {self.lab.name_of(mac)}")
        assert answers == {director.mac: 20}

    def status(self) -> None:
        code, text = self.product.lvsctl("status")
        self.say(text)
        assert code == 0, f"lvsctl status ended with {code}"


def main() -> int:
    lab = Lab("s1", Path(sys.argv[1]))
    try:
        Demo(lab).run()
        print("\nDirect routing works: the answers never passed the director.")
        return 0
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the state is wanted
        lab.dump("demo")
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        lab.down()


if __name__ == "__main__":
    sys.exit(main())
