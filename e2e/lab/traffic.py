"""Traffic from a machine: single requests, a load that runs beside a test, and questions on the wire."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lab.machine import Machine, wait_until

_HERE = Path(__file__).resolve().parent


def url(address: str, port: int, path: str = "/") -> str:
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}{path}"


def http_get(machine: Machine, where: str, *options: str, timeout: float = 5) -> str:
    """The body that curl gets, without its line end. Raises CommandFailed on anything but 2xx."""
    return machine.run("curl", "-sSf", "-m", str(timeout), *options, where, timeout=timeout + 30).strip()


def answers(machine: Machine, where: str, count: int) -> Counter[str]:
    """`count` requests one after the other with curl, each on a connection of its own: who answered."""
    separate = [word for _ in range(count) for word in ("--next", "-sSf", "-m", "5", "--http1.0", where)][1:]
    return Counter(machine.run("curl", *separate, timeout=120).split())


@dataclass
class LoadResult:
    """What the load generator counted; see lab/load_generator.py."""

    ok: int
    failed: int
    seconds: float
    rate: float
    reasons: dict[str, int] = field(default_factory=dict)
    failed_at: list[float] = field(default_factory=list)
    milliseconds: dict[str, float] = field(default_factory=dict)
    servers: dict[str, int] = field(default_factory=dict)


class Load:
    """A load that runs while the block does; `result` is there afterwards."""

    _number = 0

    def __init__(self, machine: Machine, where: str, *, concurrency: int = 2, rate: float = 0,
                 requests: int = 0, timeout: float = 3) -> None:
        Load._number += 1
        self._machine = machine
        self._name = f"load-{Load._number}"
        self._argv = [sys.executable, str(_HERE / "load_generator.py"), where, "--concurrency", str(concurrency),
                      "--rate", str(rate), "--requests", str(requests), "--timeout", str(timeout)]
        self.result = LoadResult(0, 0, 0, 0)

    def __enter__(self) -> Load:
        self._process = self._machine.popen(self._name, *self._argv)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop(timeout=30)
        self._read()

    def wait(self, timeout: float = 300) -> LoadResult:
        """For a load with a number of requests: waits until they are done."""
        wait_until(lambda: not self._process.running(), "the load ends", timeout)
        self._read()
        return self.result

    def _read(self) -> None:
        lines = self._process.log_text().splitlines()
        if not lines or not lines[-1].startswith("{"):
            raise RuntimeError(f"the load generator has no result: {lines[-5:]}")
        self.result = LoadResult(**json.loads(lines[-1]))


def who_answers(machine: Machine, address: str, count: int = 100, interface: str = "eth0") -> dict[str, int]:
    """Answers by hardware address to `count` ARP requests or neighbour solicitations."""
    said = machine.run(sys.executable, str(_HERE / "neighbours.py"), interface, address, str(count))
    answers_by_mac: dict[str, int] = json.loads(said)
    return answers_by_mac


def mail_greeting(machine: Machine, address: str, port: int = 25) -> str:
    """The name in the banner that a mail client sees."""
    host = f"[{address}]" if ":" in address else address
    said = machine.run("curl", "-sS", "-m", "5", f"telnet://{host}:{port}", stdin="QUIT\r\n")
    return said.split()[1]
