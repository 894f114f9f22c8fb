#!/usr/bin/python3
"""udp_echo.py serve ADDRESS PORT NAME: answers every datagram to ADDRESS with NAME, until told to stop.
udp_echo.py ask ADDRESS PORT COUNT: so many questions, each from a port of its own; prints who answered, as JSON.
"""

import collections
import json
import socket
import sys


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(address: str, port: int, name: str) -> None:
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as listener:
        listener.bind((address, port))
        while True:
            _, who = listener.recvfrom(2048)
            listener.sendto(name.encode(), who)


def ask(address: str, port: int, count: int) -> collections.Counter[str]:
    found: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        with socket.socket(family_of(address), socket.SOCK_DGRAM) as asker:
            asker.settimeout(5)
            asker.connect((address, port))
            asker.send(b"?")
            try:
                found[asker.recv(2048).decode()] += 1
            except OSError as error:
                found[str(error)] += 1
    return found


if __name__ == "__main__":
    what, where, at, last = sys.argv[1:]
    if what == "serve":
        serve(where, int(at), last)
    print(json.dumps(ask(where, int(at), int(last))))
