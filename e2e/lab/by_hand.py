"""Direct routing set up by hand with ipvsadm, ip and sysctl, as an administrator would type it.

The lab proves itself with it, and tests compare against it. None of our programs take part.
"""

from __future__ import annotations

from lab.ipvs import endpoint
from lab.lab import Lab
from lab.machine import Machine


def prepare_real_server(machine: Machine, vip: str) -> None:
    """Sysctls first, so that the machine never answers ARP for the address."""
    if ":" in vip:
        machine.run("ip", "addr", "add", f"{vip}/128", "dev", "lo", "nodad", "preferred_lft", "0")
        return
    machine.set_sysctl("net.ipv4.conf.eth0.arp_ignore", 1)
    machine.set_sysctl("net.ipv4.conf.eth0.arp_announce", 2)
    machine.run("ip", "addr", "add", f"{vip}/32", "dev", "lo")


def program_director(director: Machine, vip: str, port: int, weights: dict[str, int]) -> None:
    service = endpoint(vip, port)
    director.run("ipvsadm", "-A", "-t", service, "-s", "wrr")
    for address, weight in weights.items():
        director.run("ipvsadm", "-a", "-t", service, "-r", endpoint(address, port), "-g", "-w", str(weight))
    length, nodad = ("128", ["nodad"]) if ":" in vip else ("32", [])
    director.run("ip", "addr", "add", f"{vip}/{length}", "dev", "eth0", *nodad)


def set_up(lab: Lab, weights: dict[str, int], port: int) -> None:
    """One service per VIP on director-1; `weights` is by the name of the real server."""
    for family, vip in lab.topology.vips.items():
        for name in weights:
            prepare_real_server(lab.machine(name), vip)
        by_address = {lab.machine(name).address(family): weight for name, weight in weights.items()}
        program_director(lab.machine("director-1"), vip, port, by_address)
