"""The lab of one scenario: its machines up, its servers answering, and everything gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Callable, ClassVar

from lab import network, servers, topology
from lab.capture import Capture
from lab.machine import Machine, Process, run


def _silent(_: str) -> None:
    """The default for progress."""


class Lab:
    """Use as a context manager: `with Lab("s1", results) as lab`.

    `results` receives logs and captures and stays; `state` (nginx's and the agents' files, certificates)
    is on a tmpfs and goes. One lab at a time: scenarios share names of machines.
    """

    _up: ClassVar[str] = ""

    def __init__(self, scenario: str, results: Path, progress: Callable[[str], None] = _silent) -> None:
        self.topology = topology.load(scenario)
        self.results = results
        self.progress = progress
        self.state = Path(tempfile.mkdtemp(prefix=f"lvs-lab-{scenario}-", dir="/run"))
        self.machines = {spec.name: Machine(spec, results) for spec in self.topology.machines}
        self.host_processes: dict[str, Process] = {}

    def __enter__(self) -> Lab:
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        if Lab._up:
            raise RuntimeError(f"scenario {Lab._up} is still up: end it before {self.topology.name} starts")
        Lab._up = self.topology.name
        for name in (*self.machines, "host", "captures"):  # of an earlier run; logs are appended to
            shutil.rmtree(self.results / name, ignore_errors=True)
        self.results.mkdir(parents=True, exist_ok=True)
        network.remove(self.topology)
        self.progress(f"{len(self.machines)} machines on {len(self.topology.networks)} network(s)")
        network.create(self.topology)
        self.progress("web and mail servers")
        servers.start_all(list(self.machines.values()), self.state)

    def down(self) -> None:
        """Ends every process of the lab and removes namespaces, bridges and state."""
        for process in [*self.host_processes.values(), *self._machine_processes()]:
            process.send(signal.SIGTERM)
        for process in [*self.host_processes.values(), *self._machine_processes()]:
            process.stop(timeout=5)
        for machine in self.machines.values():
            for pid in machine.pids():
                os.kill(pid, signal.SIGKILL)
        network.remove(self.topology)
        shutil.rmtree(self.state, ignore_errors=True)
        Lab._up = ""

    def _machine_processes(self) -> list[Process]:
        return [process for machine in self.machines.values() for process in machine.processes.values()]

    def machine(self, name: str) -> Machine:
        return self.machines[name]

    @property
    def client(self) -> Machine:
        return self.machines["client"]

    def with_role(self, role: str) -> list[Machine]:
        return [self.machines[spec.name] for spec in self.topology.with_role(role)]

    @property
    def directors(self) -> list[Machine]:
        return self.with_role(topology.DIRECTOR)

    @property
    def real_servers(self) -> list[Machine]:
        return self.with_role(topology.REAL_SERVER)

    def vip(self, family: int = 4) -> str:
        return self.topology.vips[family]

    def name_of(self, mac: str) -> str:
        """The machine that owns a hardware address; the address itself when it is no machine's."""
        for spec in self.topology.machines:
            if any(interface.mac == mac for interface in spec.interfaces):
                return spec.name
        return mac

    def unplug(self, machine: Machine) -> None:
        network.set_cable(self.topology, machine.name, plugged=False)

    def plug_in(self, machine: Machine) -> None:
        network.set_cable(self.topology, machine.name, plugged=True)

    def cut_off(self, machine: Machine) -> None:
        network.set_segment(self.topology, machine.name, joined=False)

    def join_again(self, machine: Machine) -> None:
        network.set_segment(self.topology, machine.name, joined=True)

    def capture(self, machine: str, name: str, expression: str = "", interface: str = "eth0") -> Capture:
        """A capture whose file is RESULTS/captures/NAME.pcap."""
        return Capture(self.machines[machine], self.results / "captures" / f"{name}.pcap", interface, expression)

    def holder(self, family: int = 4) -> list[str]:
        """The machines that hold the VIP on a network interface. One, when all is well."""
        return [m.name for m in self.directors if m.holds(self.vip(family))]

    def held_by_one(self) -> bool:
        """True when every VIP is on exactly one director."""
        return all(len(self.holder(family)) == 1 for family in self.topology.vips)

    def dump(self, name: str) -> Path:
        """Writes what one wants to see after a failure: tables, addresses, routes, neighbours, sysctls."""
        folder = self.results / f"state-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        commands = ("ipvsadm -Ln", "ipvsadm -Ln --stats --exact", "ipvsadm -Sn", "ipvsadm -Lnc", "ip -d addr",
                    "ip route show table all", "ip neigh", "ss -tanlp", "sysctl -a -r arp_|rp_filter|net.ipv4.vs")
        for machine in self.machines.values():
            text = "".join(f"$ {command}\n{machine.run(*command.split(), check=False)}\n" for command in commands)
            (folder / f"{machine.name}.txt").write_text(text)
        (folder / "host.txt").write_text(run(["ip", "addr"]) + run(["dmesg"], check=False))
        return folder
