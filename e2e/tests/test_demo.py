"""The demo, as `make demo` runs it in the guest: it says what it shows, ends with 0 and leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import results_root

PROGRAM = Path(__file__).parents[1] / "demo.py"


def left_behind() -> tuple[set[str], set[str]]:
    namespaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    running = subprocess.run(["ps", "-eo", "comm="], capture_output=True, text=True, check=True).stdout.split()
    return set(namespaces.split()), {name for name in running if name.startswith("lvs-") or name == "nginx"}


def test_the_demo_shows_what_it_says_and_leaves_nothing() -> None:
    before = left_behind()
    results = results_root() / "demo"
    results.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run([sys.executable, str(PROGRAM), str(results)], capture_output=True, text=True, check=False,
                           timeout=600, env={**os.environ, "PYTHONPATH": str(PROGRAM.parent)})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for shown in ("real-server-1   30", "real-server-2   20", "real-server-3   10", "and 0 out", "own address: 192.168.100.50",
                  "20 of 20 ARP requests", "HOLDER"):
        assert shown in ended.stdout, f"{shown!r} is not in\n{ended.stdout}"
    assert left_behind() == before
