"""What a scenario consists of: read from e2e/scenarios/NAME/topology.yaml, checked, and never changed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
DIRECTOR, REAL_SERVER = "director", "real-server"


class TopologyError(ValueError):
    """The file describes something that cannot be built; the message names file, machine and field."""


@dataclass(frozen=True)
class Network:
    """One segment: a bridge in the root namespace. The host has an address on it to reach the agents."""

    name: str
    host_addresses: tuple[str, ...]


@dataclass(frozen=True)
class Interface:
    """One leg of a machine. Names count up from eth0 in the order of the file."""

    name: str
    network: str
    addresses: tuple[str, ...]
    mac: str


@dataclass(frozen=True)
class MachineSpec:
    name: str
    interfaces: tuple[Interface, ...]
    role: str = ""
    routes: tuple[str, ...] = ()
    forwarding: bool = False
    web_ports: tuple[int, ...] = ()
    smtp: bool = False

    def address(self, family: int = 4) -> str:
        """The first address of a family, without its prefix length."""
        for interface in self.interfaces:
            for text in interface.addresses:
                address = ipaddress.ip_interface(text)
                if address.version == family:
                    return str(address.ip)
        raise TopologyError(f"machine {self.name} has no IPv{family} address")


@dataclass(frozen=True)
class Topology:
    name: str
    title: str
    vips: dict[int, str]
    networks: tuple[Network, ...]
    machines: tuple[MachineSpec, ...]
    manifests: Path = field(default=SCENARIOS)

    def machine(self, name: str) -> MachineSpec:
        for machine in self.machines:
            if machine.name == name:
                return machine
        raise TopologyError(f"{self.name}: no machine {name}")

    def with_role(self, role: str) -> tuple[MachineSpec, ...]:
        return tuple(machine for machine in self.machines if machine.role == role)


def _interfaces(where: str, number: int, legs: dict[str, list[str]], networks: list[str]) -> tuple[Interface, ...]:
    made = []
    for position, (network, addresses) in enumerate(legs.items()):
        if network not in networks:
            raise TopologyError(f"{where}.networks: no network {network}; there are {', '.join(networks)}")
        for address in addresses:
            ipaddress.ip_interface(address)
        mac = f"02:00:00:00:{networks.index(network) + 1:02x}:{number:02x}"
        made.append(Interface(f"eth{position}", network, tuple(addresses), mac))
    return tuple(made)


def _machine(file: Path, number: int, name: str, raw: dict[str, Any], networks: list[str]) -> MachineSpec:
    where = f"{file}: machines.{name}"
    known = {"role", "networks", "routes", "forwarding", "web", "smtp"}
    if unknown := set(raw) - known:
        raise TopologyError(f"{where}: unknown field {sorted(unknown)[0]}; known: {', '.join(sorted(known))}")
    return MachineSpec(
        name=name,
        interfaces=_interfaces(where, number, raw.get("networks", {}), networks),
        role=raw.get("role", ""),
        routes=tuple(raw.get("routes", ())),
        forwarding=raw.get("forwarding", False),
        web_ports=tuple(raw.get("web", ())),
        smtp=raw.get("smtp", False),
    )


def load(name: str) -> Topology:
    """Reads a scenario by name, for example "s1". Raises TopologyError."""
    file = SCENARIOS / name / "topology.yaml"
    if not file.exists():
        there = ", ".join(sorted(path.parent.name for path in SCENARIOS.glob("*/topology.yaml")))
        raise TopologyError(f"no scenario {name}; there are {there}")
    raw = yaml.safe_load(file.read_text())
    networks = raw["networks"]
    machines = [
        _machine(file, number, machine, fields or {}, list(networks))
        for number, (machine, fields) in enumerate(raw["machines"].items(), start=1)
    ]
    return Topology(
        name=name,
        title=raw["title"],
        vips={ipaddress.ip_address(vip).version: vip for vip in raw["vips"]},
        networks=tuple(Network(net, tuple((fields or {}).get("host", ()))) for net, fields in networks.items()),
        machines=tuple(machines),
        manifests=file.parent / "manifests",
    )
