#!/usr/bin/python3
"""pings.py ROUND ADDRESS…: asks each address for an echo, all of them once in ROUND seconds, until SIGTERM.

Prints a JSON object: for each address the pairs of times (asked, answered) on the clock of
time.monotonic(). Addresses are read from standard input when none are given. Made for a thousand
addresses on a slow machine: packets are made once for each round, and answers are read in one go.
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
_MARK = 0x4C56
_SLICES = 10  # of a round


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(version: int, number: int) -> bytes:
    """Of IPv6 the kernel fills in the checksum."""
    bare = struct.pack("!BBHHH", _REQUEST[version], 0, 0, _MARK, number & 0xFFFF)
    return bare if version == 6 else bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]


class Pinger:
    def __init__(self, addresses: list[str], round_seconds: float) -> None:
        self.interval = round_seconds / _SLICES
        self.slices = [[(ipaddress.ip_address(address).version, (address, 0)) for address in addresses[part::_SLICES]]
                       for part in range(_SLICES)]
        self.sockets = {
            4: socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMP),
            6: socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)}
        for each in self.sockets.values():
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.asked: list[float] = []  # when each slice was sent
        self.answers: dict[str, list[tuple[float, float]]] = {address: [] for address in addresses}
        self.stopped = False

    def ask(self) -> None:
        number = len(self.asked)
        self.asked.append(time.monotonic())
        packets = {version: echo_request(version, number) for version in self.sockets}
        for version, target in self.slices[number % _SLICES]:
            try:
                self.sockets[version].sendto(packets[version], target)
            except OSError:
                pass  # nobody has it: no answer

    def take_all(self, version: int) -> None:
        begin = 20 if version == 4 else 0
        now = time.monotonic()
        while True:
            try:
                packet, source = self.sockets[version].recvfrom(256)
            except OSError:
                return
            kind, _, _, mark, number = struct.unpack_from("!BBHHH", packet, begin)
            answers = self.answers.get(source[0])
            if kind != _REPLY[version] or mark != _MARK or answers is None:
                continue
            # Which of the questions it was: the last one with these 16 bits.
            last = len(self.asked) - 1
            answers.append((self.asked[last - ((last - number) & 0xFFFF)], now))

    def run(self) -> None:
        due = time.monotonic()
        while not self.stopped:
            self.ask()
            due = max(due + self.interval, time.monotonic())
            while True:
                ready = select.select(list(self.sockets.values()), [], [], max(due - time.monotonic(), 0))[0]
                for version, each in self.sockets.items():
                    if each in ready:
                        self.take_all(version)
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
