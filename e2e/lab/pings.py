#!/usr/bin/python3
"""pings.py ROUND ADDRESS…: asks each address for an echo, all of them once in ROUND seconds, until SIGTERM.

Prints a JSON object: for each address the pairs of times (asked, answered) on the clock of
time.monotonic(). Addresses are read from standard input when none are given.
"""

from __future__ import annotations

import gc
import ipaddress
import json
import select
import signal
import socket
import struct
import sys
import time

_REQUEST, _REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(version: int, sequence: int) -> bytes:
    """Of IPv6 the kernel fills in the checksum."""
    bare = struct.pack("!BBHHH", _REQUEST[version], 0, 0, 0x4C56, sequence & 0xFFFF)
    return bare if version == 6 else bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]


class Pinger:
    def __init__(self, addresses: list[str], round_seconds: float) -> None:
        self.addresses = addresses
        self.interval = round_seconds / len(addresses)
        self.sockets = {
            4: socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMP),
            6: socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)}
        self.asked: list[tuple[str, float]] = []
        self.answers: dict[str, list[tuple[float, float]]] = {address: [] for address in addresses}
        self.stopped = False

    def ask(self, address: str) -> None:
        version = ipaddress.ip_address(address).version
        self.asked.append((address, time.monotonic()))
        try:
            self.sockets[version].sendto(echo_request(version, len(self.asked) - 1), (address, 0))
        except OSError:
            pass  # nobody has it: no answer

    def take(self, version: int) -> None:
        try:
            packet, source = self.sockets[version].recvfrom(256)
        except BlockingIOError:
            return
        message = packet[20:] if version == 4 else packet
        kind, _, _, mark, number = struct.unpack_from("!BBHHH", message)
        if kind != _REPLY[version] or mark != 0x4C56:
            return
        # Which of the questions it was: the last one with these 16 bits.
        last = len(self.asked) - 1
        asked = self.asked[last - ((last - number) & 0xFFFF)]
        if asked[0] == source[0]:
            self.answers[asked[0]].append((asked[1], time.monotonic()))

    def run(self) -> None:
        due = time.monotonic()
        at = 0
        while not self.stopped:
            self.ask(self.addresses[at])
            at = (at + 1) % len(self.addresses)
            due = max(due + self.interval, time.monotonic() - 0.05)
            while True:
                ready = select.select(list(self.sockets.values()), [], [], max(due - time.monotonic(), 0))[0]
                for version, each in self.sockets.items():
                    if each in ready:
                        self.take(version)
                if time.monotonic() >= due:
                    break


def main() -> None:
    pinger = Pinger(sys.argv[2:] or sys.stdin.read().split(), float(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda *_: setattr(pinger, "stopped", True))
    gc.disable()
    pinger.run()
    print(json.dumps(pinger.answers))


if __name__ == "__main__":
    main()
