"""The kernel's IPVS table, as ipvsadm sees it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from lab.machine import Machine


@dataclass(frozen=True)
class Counters:
    """One line of `ipvsadm -Ln --stats --exact`."""

    connections: int
    in_packets: int
    out_packets: int
    in_bytes: int
    out_bytes: int


@dataclass(frozen=True)
class Destination:
    """A real server in the table; `address` is ADDRESS:PORT as ipvsadm prints it."""

    address: str
    method: str
    weight: int
    active: int
    inactive: int


@dataclass
class Service:
    """A virtual service. `key` is what ipvsadm prints, for example "TCP 192.168.100.100:80"."""

    key: str
    scheduler: str
    destinations: dict[str, Destination] = field(default_factory=dict)


def save(machine: Machine) -> str:
    """`ipvsadm -Sn`, its lines sorted within each service: the order of destinations means nothing."""
    lines = machine.run("ipvsadm", "-Sn").splitlines()
    return "".join(f"{line}\n" for line in sorted(lines, key=_save_order))


def _save_order(line: str) -> tuple[str, int, str]:
    words = line.split()
    return (" ".join(words[1:3]), 0 if words[0] == "-A" else 1, line)


def table(machine: Machine) -> dict[str, Service]:
    """`ipvsadm -Ln`, by service."""
    services: dict[str, Service] = {}
    current = None
    for line in machine.run("ipvsadm", "-Ln").splitlines():
        words = line.split()
        if words and words[0] in ("TCP", "UDP", "SCTP", "FWM"):
            current = Service(f"{words[0]} {words[1]}", words[2])
            services[current.key] = current
        elif current and words and words[0] == "->":
            _, address, method, weight, active, inactive = words[:6]
            current.destinations[address] = Destination(address, method, int(weight), int(active), int(inactive))
    return services


def statistics(machine: Machine) -> dict[str, dict[str, Counters]]:
    """`ipvsadm -Ln --stats --exact`: by service, then by destination; "" is the service's own line.

    Before Linux 6.2 the kernel brings these numbers up to date every 2 seconds; see statistics_after.
    """
    found: dict[str, dict[str, Counters]] = {}
    key = ""
    for line in machine.run("ipvsadm", "-Ln", "--stats", "--exact").splitlines():
        words = line.split()
        if words and words[0] in ("TCP", "UDP", "SCTP", "FWM"):
            key = f"{words[0]} {words[1]}"
            found[key] = {"": Counters(*map(int, words[2:7]))}
        elif key and words and words[0] == "->":
            found[key][words[1]] = Counters(*map(int, words[2:7]))
    return found


def statistics_after(machine: Machine, key: str, connections: int) -> dict[str, Counters]:
    """The statistics of one service once it has counted that many connections (or 6 seconds later)."""
    deadline = time.monotonic() + 6
    while True:
        found = statistics(machine)[key]
        if found[""].connections >= connections or time.monotonic() > deadline:
            return found
        time.sleep(0.3)


def settled_statistics(machine: Machine) -> dict[str, dict[str, Counters]]:
    """The statistics with everything that has passed so far."""
    time.sleep(2.3)
    return statistics(machine)


def endpoint(address: str, port: int) -> str:
    """ADDRESS:PORT as ipvsadm prints it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
