"""Builds and removes the namespaces, bridges, addresses and routes of a topology with iproute2."""

from __future__ import annotations

import fcntl
import socket
import struct

from lab.machine import run
from lab.topology import Interface, MachineSpec, Topology

_SIOCSIFFLAGS = 0x8914


def bridge_name(network: str) -> str:
    return f"lab-{network}"


def port_name(machine_number: int, interface: Interface) -> str:
    """The bridge's end of a cable. Numbers, because names of machines are longer than 15 characters."""
    return f"lab{machine_number}-{interface.name}"


def _batch(lines: list[str], namespace: str | None = None) -> None:
    """One process for many commands: forks are what takes time in an emulated guest."""
    inside = ["-n", namespace] if namespace else []
    run(["ip", *inside, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _address_command(address: str, device: str) -> str:
    nodad = " nodad" if ":" in address else ""
    return f"addr add {address} dev {device}{nodad}"


def _root_commands(topology: Topology) -> list[str]:
    lines = []
    for network in topology.networks:
        bridge = bridge_name(network.name)
        lines += [
            f"link add {bridge} type bridge forward_delay 0 mcast_snooping 0",
            f"link set {bridge} up",
        ]
        lines += [_address_command(address, bridge) for address in network.host_addresses]
    for number, machine in enumerate(topology.machines, start=1):
        lines.append(f"netns add {machine.name}")
        for interface in machine.interfaces:
            port = port_name(number, interface)
            lines += [
                f"link add {port} type veth peer name {interface.name} "
                f"address {interface.mac} netns {machine.name}",
                f"link set {port} master {bridge_name(interface.network)} up",
            ]
    return lines


def _machine_commands(machine: MachineSpec) -> list[str]:
    lines = ["link set lo up"]
    for interface in machine.interfaces:
        lines.append(f"link set {interface.name} up")
        lines += [_address_command(address, interface.name) for address in interface.addresses]
    lines += [f"route add {route}" for route in machine.routes]
    return lines


def set_cable(topology: Topology, machine: str, plugged: bool) -> None:
    """Pulls out or plugs in the cables of a machine: it sees its carrier go, and keeps its addresses."""
    for number, spec in enumerate(topology.machines, start=1):
        if spec.name == machine:
            state = "up" if plugged else "down"
            _batch([f"link set {port_name(number, interface)} {state}" for interface in spec.interfaces])


def set_segment(topology: Topology, machine: str, joined: bool) -> None:
    """Takes the bridge's ports of a machine off the bridge: its links stay up, and reach nobody."""
    for number, spec in enumerate(topology.machines, start=1):
        if spec.name == machine:
            for interface in spec.interfaces:  # or the host would answer there for its own addresses
                run(["sysctl", "-qw", f"net.ipv4.conf.{port_name(number, interface)}.arp_ignore=1"])
            _batch([f"link set {port_name(number, interface)} "
                    + (f"master {bridge_name(interface.network)}" if joined else "nomaster")
                    for interface in spec.interfaces])


def cut(topology: Topology, machine: str) -> None:
    """Pulls out the cables of a machine at once: no program is started for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for number, spec in enumerate(topology.machines, start=1):
            for interface in spec.interfaces if spec.name == machine else ():
                request = struct.pack("16sh14x", port_name(number, interface).encode(), 0)
                fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def let_out(topology: Topology, machine: MachineSpec, address: str) -> None:
    """The machine reaches one address outside of the lab, through the host and by its name."""
    gateway = next(host for network in topology.networks for host in network.host_addresses if ":" not in host)
    _batch([f"route replace {address} via {gateway.split('/')[0]}"], machine.name)


def masquerade(address: str) -> None:
    """The host forwards what is for that address. Filters of `block` go before."""
    run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
    run(["nft", "-f", "-"], stdin=f"table ip outside {{\nchain out {{\ntype nat hook postrouting priority 100\n"
                                  f"ip daddr {address} masquerade\n}}\n}}\n")


def block(address: str, how: str) -> None:
    """Nothing reaches that address from the lab and the host: `drop`, or `reject with tcp reset`."""
    chains = "".join(f"chain {hook} {{\ntype filter hook {hook} priority 0\n"
                     f"ip daddr {address} meta l4proto tcp {how}\n}}\n"
                     for hook in ("forward", "output"))
    run(["nft", "-f", "-"], stdin=f"table ip blocked {{\n{chains}}}\n")


def unblock() -> None:
    run(["nft", "delete", "table", "ip", "blocked"], check=False)


def add(machine: MachineSpec) -> None:
    """One more machine on the segments that are there; `take_away` removes it."""
    lines = [f"netns add {machine.name}"]
    for interface in machine.interfaces:
        port = _port_of_guest(machine, interface)
        lines += [f"link add {port} type veth peer name {interface.name} address {interface.mac} netns {machine.name}",
                  f"link set {port} master {bridge_name(interface.network)} up"]
    _batch(lines)
    _batch(_machine_commands(machine), machine.name)


def take_away(machine: MachineSpec) -> None:
    run(["ip", "netns", "del", machine.name], check=False)
    for interface in machine.interfaces:
        run(["ip", "link", "del", _port_of_guest(machine, interface)], check=False)


def _port_of_guest(machine: MachineSpec, interface: Interface) -> str:
    return f"{machine.name[:8]}-{interface.name}"


def create(topology: Topology) -> None:
    _batch(_root_commands(topology))
    for machine in topology.machines:
        _batch(_machine_commands(machine), machine.name)
        if machine.forwarding:
            run(["ip", "netns", "exec", machine.name, "sysctl", "-qw",
                 "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])


def remove(topology: Topology) -> None:
    """Removes what is there, so that it also cleans up after a creation that failed half-way."""
    present = {line.split()[0] for line in run(["ip", "netns", "list"], check=False).splitlines() if line}
    for machine in topology.machines:
        if machine.name in present:
            run(["ip", "netns", "del", machine.name], check=False)
    # A namespace may live on for a while after its name; its cables must not.
    for number, machine in enumerate(topology.machines, start=1):
        for interface in machine.interfaces:
            run(["ip", "link", "del", port_name(number, interface)], check=False)
    for network in topology.networks:
        run(["ip", "link", "del", bridge_name(network.name)], check=False)
