"""What the tests of high availability share: who holds, who answers, and faults that are put right again."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lab import network, traffic
from lab.api_server import ApiServer
from lab.kubernetes import KubernetesSession
from lab.lab import Lab
from lab.machine import Machine, Process, wait_until
from lab.session import Session
from lab.topology import Interface, MachineSpec

LIFETIME = 10.0
HEARTBEAT_PORT = 9442
_HERE = Path(__file__).resolve().parent


class ClaimsLeases(Session):
    """The directors claim their VIPs at a real API server, too."""

    def __init__(self, lab: Lab, prepare: Any = lambda _: None) -> None:
        super().__init__(lab, prepare)
        self.api = ApiServer(lab)
        self.product.leases_from = self.api.kubeconfig

    def before_agents(self) -> None:
        self.api.let_in()
        self.api.forget_leases()


class LeasesSession(ClaimsLeases, KubernetesSession):
    """And the operator has its resources from there."""


def put_right(session: Session) -> None:
    """After any fault: cables in, agents running, nothing filtered, one holder."""
    network.unblock()
    for machine in session.lab.directors:
        session.lab.plug_in(machine)
        session.lab.join_again(machine)
        machine.run("nft", "flush", "ruleset")
        session.product.agent(machine).send(signal.SIGCONT)
        if not session.product.agent(machine).running():
            session.product.start_agent(machine)
            session.product.wait_for_agent(machine)
    session.settle(timeout=90)


def holder(session: Session) -> Machine:
    wait_until(session.lab.held_by_one, "one director holds each VIP")
    return session.lab.machine(session.lab.holder()[0])


def other(session: Session, machine: Machine) -> Machine:
    return next(each for each in session.lab.directors if each is not machine)


def load(session: Session, rate: float = 100, family: int = 4) -> traffic.Load:
    return traffic.Load(session.lab.client, traffic.url(session.lab.vip(family), 80), concurrency=8, rate=rate,
                        timeout=15)


def moved_to(session: Session, machine: Machine, timeout: float = 30) -> None:
    wait_until(lambda: session.lab.holder(4) == [machine.name] and session.lab.holder(6) == [machine.name],
               f"{machine.name} holds both VIPs", timeout)


def nothing_failed(running: traffic.Load) -> None:
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert running.result.ok > 0


def only_what_was_under_way(running: traffic.Load) -> None:
    """After a crash nobody tells of the connections of that instant: the successor resets them."""
    assert set(running.result.reasons) <= {"ConnectionResetError"}
    assert running.result.failed <= 8, running.result.reasons


class Log:
    """What an agent has logged since this was made."""

    def __init__(self, session: Session, machine: Machine) -> None:
        self._process: Process = session.product.agent(machine)
        self._begin = len(self._process.log_text())

    def text(self) -> str:
        return self._process.log_text()[self._begin:]

    def news(self, vip: str) -> list[str]:
        """The election's words about a VIP: Took, GaveWay, ..."""
        return re.findall(rf"msg=election vip={re.escape(vip)} news=(\w+)", self.text())

    def lines(self, *words: str) -> list[str]:
        return [line for line in self.text().splitlines() if all(word in line for word in words)]


class Logs:
    """Of both directors."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.by_name = {machine.name: Log(session, machine) for machine in session.lab.directors}

    def of(self, machine: Machine) -> Log:
        return self.by_name[machine.name]

    def moves(self) -> list[str]:
        """Everything by which a VIP changed its holder."""
        moving = {"Took", "Accepted", "HandedOver", "GaveWay", "LetGo", "Stalled", "TwoHolders"}
        return [f"{name} {vip} {news}" for name, log in self.by_name.items()
                for vip in self.session.lab.topology.vips.values() for news in log.news(vip) if news in moving]


class WireWatch:
    """Asks for addresses from a machine every 20 ms while the block runs.

    `turns` has for each address the machines that answered, in order and without repeats: one that
    answers again after another did was a second holder.
    """

    def __init__(self, session: Session, machine: Machine, addresses: list[str]) -> None:
        self._lab = session.lab
        self._machine = machine
        self._addresses = addresses
        self.turns: dict[str, list[str]] = {}

    def __enter__(self) -> WireWatch:
        self._processes = {
            address: self._machine.popen(f"wire-{number}", sys.executable, str(_HERE / "neighbours.py"), "eth0",
                                         address, "watch")
            for number, address in enumerate(self._addresses)}
        return self

    def __exit__(self, *_: object) -> None:
        for address, process in self._processes.items():
            process.stop()
            said = json.loads(process.log_text().splitlines()[-1])
            self.turns[address] = [self._lab.name_of(mac) for mac in said]


class Stranger:
    """A machine on the segment that nobody knows, while the block runs."""

    def __init__(self, session: Session) -> None:
        self._lab = session.lab
        leg = Interface("eth0", session.lab.topology.networks[0].name,
                        ("192.168.100.66/24", "fd00:100::66/64"), "02:00:00:00:66:66")
        self.machine = Machine(MachineSpec("stranger", (leg,)), session.lab.results)

    def __enter__(self) -> Machine:
        network.add(self.machine.spec)
        return self.machine

    def __exit__(self, *_: object) -> None:
        network.take_away(self.machine.spec)


class ClockStep:
    """The guest's clock of the day is wrong by so many seconds while the block runs."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        time.clock_settime(time.CLOCK_REALTIME, time.time() + self._seconds)

    def __exit__(self, *_: object) -> None:
        time.clock_settime(time.CLOCK_REALTIME, time.time() - self._seconds)


class BadHeartbeats:
    """Real heartbeats of a director, recorded, and what a stranger can make of them."""

    def __init__(self, session: Session, sender: Machine) -> None:
        self._file = session.lab.state / "heartbeats.json"
        self._script = str(_HERE / "heartbeats.py")
        sender.run(sys.executable, self._script, "record", "eth0", str(self._file), timeout=60)

    def send(self, machine: Machine, target: str) -> dict[str, int]:
        """Each kind some times, slowly. How many of each."""
        sent: dict[str, int] = json.loads(machine.run(sys.executable, self._script, "send", target, str(self._file)))
        return sent

    def flood(self, machine: Machine, target: str, seconds: float) -> float:
        """As many as go. How many per second."""
        said = machine.run(sys.executable, self._script, "flood", target, str(self._file), str(seconds), timeout=120)
        return float(said)


