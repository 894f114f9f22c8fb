"""Captures with tcpdump, read back packet by packet. The file stays in the results for Wireshark."""

from __future__ import annotations

import ipaddress
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from lab.machine import Machine, wait_until

_PCAP_HEADER, _RECORD_HEADER = 24, 16
_VLAN, _IPV4, _IPV6, _TCP, _UDP = 0x8100, 0x0800, 0x86DD, 6, 17


@dataclass(frozen=True)
class Packet:
    """One captured IP packet. Ports are 0 where the protocol has none; time is in seconds."""

    time: float
    src_mac: str
    dst_mac: str
    src: str
    dst: str
    protocol: int
    sport: int
    dport: int
    length: int


def _mac(raw: bytes) -> str:
    return ":".join(f"{byte:02x}" for byte in raw)


def parse_frame(when: float, frame: bytes) -> Packet | None:
    """None for what is not IP, or cut too short to tell."""
    if len(frame) < 14:
        return None
    ethertype, payload = struct.unpack_from("!H", frame, 12)[0], frame[14:]
    if ethertype == _VLAN:
        ethertype, payload = struct.unpack_from("!H", frame, 16)[0], frame[18:]
    if ethertype == _IPV4 and len(payload) >= 20:
        header, protocol = (payload[0] & 0x0F) * 4, payload[9]
        src, dst = payload[12:16], payload[16:20]
    elif ethertype == _IPV6 and len(payload) >= 40:
        header, protocol = 40, payload[6]
        src, dst = payload[8:24], payload[24:40]
    else:
        return None
    transport = payload[header:]
    has_ports = protocol in (_TCP, _UDP) and len(transport) >= 4
    sport, dport = struct.unpack_from("!HH", transport) if has_ports else (0, 0)
    return Packet(when, _mac(frame[6:12]), _mac(frame[:6]), str(ipaddress.ip_address(src)),
                  str(ipaddress.ip_address(dst)), protocol, sport, dport, len(frame))


def read_pcap(file: Path) -> list[Packet]:
    """All IP packets of a capture in tcpdump's (little-endian, microsecond) format."""
    data = file.read_bytes()
    packets, position = [], _PCAP_HEADER
    while position + _RECORD_HEADER <= len(data):
        seconds, micros, captured, _ = struct.unpack_from("<IIII", data, position)
        position += _RECORD_HEADER
        packet = parse_frame(seconds + micros / 1e6, data[position:position + captured])
        position += captured
        if packet:
            packets.append(packet)
    return packets


class Capture:
    """A running tcpdump on one interface of a machine, or of the host where machine is None.

    Use as a context manager; the packets are there after the end.
    """

    def __init__(self, machine: Machine, file: Path, interface: str = "eth0", expression: str = "") -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self.packets: list[Packet] = []
        self._machine = machine
        self._command = ["tcpdump", "-n", "-U", "-Z", "root", "--immediate-mode", "-i", interface, "-s", "128",
                         "-w", str(file), *expression.split()]

    def __enter__(self) -> Capture:
        name = f"tcpdump-{self.file.stem}"
        self._process = self._machine.popen(name, *self._command)
        wait_until(lambda: "listening on" in self._process.log_text() or not self._process.running(),
                   "tcpdump listens")
        if not self._process.running():
            raise RuntimeError(f"tcpdump ended at once: {self._process.log_text()}")
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.3)  # what is on the wire at this moment still belongs to the test
        self._process.stop()
        self.packets = read_pcap(self.file)

    def from_port(self, address: str, port: int) -> list[Packet]:
        """The responses: packets that left a service's address and port."""
        return [p for p in self.packets if p.src == address and p.sport == port]
