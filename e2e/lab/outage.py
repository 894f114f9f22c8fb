#!/usr/bin/python3
"""outage.py INTERVAL ADDRESS:PORT…: asks each service in turn for a new connection, every INTERVAL seconds.

Prints a line "TARGET TIME" for each answer, on the clock of time.monotonic(); ends on SIGTERM. A
connection is there once the SYN is answered, and then reset; a SYN is never sent a second time.
As a module: class Probes runs it on a machine and finds the longest time without an answer.
"""

from __future__ import annotations

import gc
import select
import signal
import socket
import struct
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.machine import Machine

_PATIENCE = 0.9  # a SYN that is lost is sent again after 1 s: the probes that follow are quicker
_RESET = struct.pack("ii", 1, 0)
_FLUSH = 0.2  # a write may take longer than a probe


class Prober:
    """All connections of one run. `answers` are the times of the answers, by target."""

    def __init__(self, targets: list[tuple[str, int]], interval: float) -> None:
        self.targets = targets
        self.interval = interval
        self.poll = select.epoll()
        self.under_way: dict[int, tuple[socket.socket, str]] = {}
        self.ages: deque[tuple[float, int, socket.socket]] = deque()
        self.stopped = False

    def ask(self, address: str, port: int, now: float) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        try:
            connection.connect((address, port))
        except BlockingIOError:
            pass
        except OSError:  # no route, or the neighbour does not answer: no answer
            connection.close()
            return
        number = connection.fileno()
        self.under_way[number] = connection, address
        self.ages.append((now, number, connection))
        self.poll.register(number, select.EPOLLOUT)

    def close(self, number: int) -> None:
        self.poll.unregister(number)
        self.under_way.pop(number)[0].close()

    def take_answers(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            for number, _ in self.poll.poll(left):
                connection, address = self.under_way[number]
                answered = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                self.close(number)
                if answered:
                    print(f"{address} {time.monotonic():.4f}")

    def give_up(self, now: float) -> None:
        while self.ages and self.ages[0][0] < now - _PATIENCE:
            _, number, connection = self.ages.popleft()
            if self.under_way.get(number, (None, ""))[0] is connection:
                self.close(number)

    def run(self) -> None:
        due = flushed = time.monotonic()
        while not self.stopped:
            if due - flushed > _FLUSH:
                flushed = due
                sys.stdout.flush()
            for address, port in self.targets:
                self.ask(address, port, due)
            due = max(due + self.interval, time.monotonic())
            self.take_answers(due)
            self.give_up(due)


class Probes:
    """Use as a context manager; `port` of each address is asked from a machine."""

    def __init__(self, machine: Machine, addresses: list[str], port: int = 80, interval: float = 0.01) -> None:
        self.machine = machine
        self.addresses = addresses
        self._argv = [sys.executable, str(Path(__file__).resolve()), str(interval),
                      *(f"[{address}]:{port}" for address in addresses)]

    def __enter__(self) -> Probes:
        self._process = self.machine.popen("probes", *self._argv)
        self._begin = self._process.log.stat().st_size
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()

    def answers(self, address: str) -> list[float]:
        """The times of all answers so far."""
        text = self._process.log.read_bytes()[self._begin:].decode()
        words = (line.split() for line in text.splitlines(keepends=True) if line.endswith("\n"))
        return [float(at) for target, at in words if target == address]

    def answering(self, address: str, since: float, count: int = 20) -> bool:
        """True when so many answers came since then."""
        return sum(at > since for at in self.answers(address)) >= count

    def outage(self, address: str, begin: float, end: float) -> float:
        """The longest time without an answer between the two; all of it, if there was none."""
        times = [begin, *(at for at in self.answers(address) if begin < at < end), end]
        return max(later - earlier for earlier, later in zip(times, times[1:]))


def main() -> None:
    interval, *texts = sys.argv[1:]
    targets = [(host.strip("[]"), int(port)) for host, port in (text.rsplit(":", 1) for text in texts)]
    prober = Prober(targets, float(interval))
    signal.signal(signal.SIGTERM, lambda *_: setattr(prober, "stopped", True))
    gc.disable()
    prober.run()


if __name__ == "__main__":
    main()
