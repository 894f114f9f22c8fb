#!/usr/bin/python3
"""Heartbeats as somebody without the key has them: recorded on the wire, and sent again in several ways.

heartbeats.py record INTERFACE FILE        some that arrive at or leave this machine
heartbeats.py send TARGET FILE             each kind in turn; prints how many of each
heartbeats.py flood TARGET FILE SECONDS    as many as go; prints how many per second
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import struct
import sys
import time
from typing import Callable

PORT = 9442
_COUNT = 20
_MAC_BYTES = 32
_UDP = 17


def record(interface: str, file: str) -> None:
    found: list[str] = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as raw:
        raw.bind((interface, 0))
        while len(found) < _COUNT:
            packet = raw.recv(2048)[14:]
            header = (packet[0] & 0x0F) * 4
            if packet[9] == _UDP and struct.unpack_from("!H", packet, header + 2)[0] == PORT:
                length = struct.unpack_from("!H", packet, header + 4)[0]
                found.append(packet[header + 8:header + length].hex())
    with open(file, "w", encoding="ascii") as out:
        json.dump(found, out)


def signed_by_another(datagram: bytes) -> bytes:
    body = datagram[:-_MAC_BYTES]
    return body + hmac.new(b"not the key of these directors!!", body, hashlib.sha256).digest()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "replayed": lambda datagram: datagram,
    "wrong key": signed_by_another,
    "unknown key": lambda datagram: datagram[:4] + b"\xff\xff\xff\xfe" + datagram[8:],
    "no key": lambda datagram: datagram[:-_MAC_BYTES],
    "truncated": lambda datagram: datagram[:20],
    "garbage": lambda datagram: os.urandom(len(datagram)),
}


def udp(target: str) -> socket.socket:
    to = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
    to.connect((target, PORT))
    return to


def send(target: str, datagrams: list[bytes]) -> dict[str, int]:
    sent = dict.fromkeys(DAMAGE, 0)
    with udp(target) as to:
        for datagram in datagrams:
            for kind, damage in DAMAGE.items():
                to.send(damage(datagram))
                sent[kind] += 1
                time.sleep(0.03)
    return sent


def flood(target: str, datagrams: list[bytes], seconds: float) -> float:
    bad = [damage(datagram) for datagram in datagrams for damage in DAMAGE.values()]
    count, begin = 0, time.monotonic()
    with udp(target) as to:
        while time.monotonic() - begin < seconds:
            for datagram in bad:
                try:
                    to.send(datagram)
                except ConnectionRefusedError:
                    pass
            count += len(bad)
    return count / (time.monotonic() - begin)


def main() -> None:
    what, where, file, *rest = sys.argv[1:]
    if what == "record":
        record(where, file)
        return
    with open(file, encoding="ascii") as text:
        datagrams = [bytes.fromhex(each) for each in json.load(text)]
    print(json.dumps(send(where, datagrams)) if what == "send" else flood(where, datagrams, float(rest[0])))


if __name__ == "__main__":
    main()
