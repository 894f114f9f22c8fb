"""Long-lived connections that run beside a test."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from lab.machine import Machine, wait_until

_PROGRAM = Path(__file__).with_name("stream_generator.py")


@dataclass
class StreamsResult:
    """What became of them; see lab/stream_generator.py."""

    opened: int
    alive: int
    answers: int
    longest: float
    broken: dict[str, int] = field(default_factory=dict)


class Streams:
    """`count` connections to each URL, from the beginning of the block to its end; then `result` is there."""

    _number = 0

    def __init__(self, machine: Machine, count: int, *urls: str) -> None:
        Streams._number += 1
        self._machine = machine
        self._name = f"streams-{Streams._number}"
        self._argv = [sys.executable, str(_PROGRAM), str(count), *urls]
        self.result = StreamsResult(0, 0, 0, 0)

    def __enter__(self) -> Streams:
        self._process = self._machine.popen(self._name, *self._argv)
        wait_until(lambda: "open" in self._process.log_text(), "all streams are open", 60)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop(timeout=60)
        lines = self._process.log_text().splitlines()
        if not lines or not lines[-1].startswith("{"):
            raise RuntimeError(f"the streams have no result: {lines[-5:]}")
        self.result = StreamsResult(**json.loads(lines[-1]))
