#!/usr/bin/python3
"""neighbours.py INTERFACE ADDRESS COUNT|watch: who answers for an address on the wire?

Sends COUNT broadcast ARP requests (IPv6: neighbour solicitations to the solicited-node group) 20 ms
apart, and prints a JSON object with the number of answers by hardware address. `watch` asks until
SIGTERM, and prints the hardware addresses in the order in which they answered, each once as long as
no other answers. Every request is a broadcast: arping turns to unicast after the first answer, and
would miss a second machine.
"""

import ipaddress
import json
import select
import signal
import socket
import struct
import subprocess
import sys
import time

_ARP, _IPV6 = 0x0806, 0x86DD
_SOLICIT, _ADVERTISE = 135, 136
_SOLICITED = 0x40


def mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def own(interface: str) -> tuple[bytes, dict[int, str]]:
    """The interface's hardware address and its first address of each family."""
    described = json.loads(subprocess.run(["ip", "-j", "addr", "show", "dev", interface],
                                          capture_output=True, check=True, text=True).stdout)[0]
    addresses: dict[int, str] = {}
    for info in described["addr_info"]:
        if info["scope"] == "global":
            addresses.setdefault(4 if info["family"] == "inet" else 6, info["local"])
    return mac_bytes(described["address"]), addresses


def arp_request(mac: bytes, source: str, target: str) -> bytes:
    header = b"\xff" * 6 + mac + struct.pack("!HHHBBH", _ARP, 1, 0x0800, 6, 4, 1)
    return header + mac + socket.inet_aton(source) + b"\0" * 6 + socket.inet_aton(target)


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def solicitation(mac: bytes, source: str, target: str) -> bytes:
    address = ipaddress.IPv6Address(target).packed
    group = ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + address[13:]
    src = ipaddress.IPv6Address(source).packed
    message = struct.pack("!BBHI", _SOLICIT, 0, 0, 0) + address + b"\x01\x01" + mac
    pseudo = src + group + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    ip = struct.pack("!IHBB", 6 << 28, len(message), 58, 255) + src + group
    return b"\x33\x33" + group[12:] + mac + struct.pack("!H", _IPV6) + ip + message


def answer(frame: bytes, target: str) -> str:
    """The hardware address of who answers for the target, "" for any other frame.

    An announcement that nobody asked for is no answer: a gratuitous ARP names the target twice, an
    unsolicited advertisement has no solicited flag.
    """
    kind = struct.unpack_from("!H", frame, 12)[0]
    wanted = ipaddress.ip_address(target).packed
    if kind == _ARP and frame[20:22] == b"\0\x02" and frame[28:32] == wanted != frame[38:42]:
        return frame[22:28].hex(":")
    if kind == _IPV6 and len(frame) >= 78 and frame[20] == 58 and frame[54] == _ADVERTISE:
        if frame[62:78] == wanted and frame[58] & _SOLICITED:
            return frame[6:12].hex(":")
    return ""


class Asker:
    """Asks for one address from one interface."""

    def __init__(self, interface: str, target: str) -> None:
        mac, addresses = own(interface)
        version = ipaddress.ip_address(target).version
        self._request = (arp_request if version == 4 else solicitation)(mac, addresses[version], target)
        self._target = target
        self._raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self._raw.bind((interface, 0))

    def ask(self, listen_for: float) -> list[str]:
        """Who answers within that time to one question, or to those before it."""
        self._raw.send(self._request)
        deadline = time.monotonic() + listen_for
        heard: list[str] = []
        while (left := deadline - time.monotonic()) > 0 and select.select([self._raw], [], [], left)[0]:
            frame, where = self._raw.recvfrom(2048)
            if where[2] != socket.PACKET_OUTGOING and (who := answer(frame, self._target)):
                heard.append(who)
        return heard


def ask(interface: str, target: str, count: int, interval: float = 0.02) -> dict[str, int]:
    asker = Asker(interface, target)
    answers: dict[str, int] = {}
    for sent in range(1, count + 1):
        for who in asker.ask(interval if sent < count else 1):
            answers[who] = answers.get(who, 0) + 1
    return answers


def watch(interface: str, target: str, interval: float = 0.02) -> list[str]:
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    asker = Asker(interface, target)
    turns: list[str] = []
    while not stopped:
        for who in asker.ask(interval):
            if turns[-1:] != [who]:
                turns.append(who)
    return turns


def main() -> None:
    interface, target, count = sys.argv[1:]
    print(json.dumps(watch(interface, target) if count == "watch" else ask(interface, target, int(count))))


if __name__ == "__main__":
    main()
