"""S7 with checks through the VIP, on three nodes that are director and real server at once.

What such a node sends to a VIP itself is for its own server, but not its checks of the others.
"""

from __future__ import annotations

import os
import re
import signal
from typing import Iterator

import pytest

from conftest import results_root, without_persistence
from lab import ipvs, servers
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session

CHECK = {"type": "HTTP", "path": "/health", "target": "InPath", "interval": "500ms", "timeout": "500ms", "rise": 2,
         "fall": 2}


def with_checks(manifests: Manifests) -> None:
    without_persistence(manifests)
    manifests.set_spec("VirtualService", "web", healthCheck=CHECK)


@pytest.fixture(scope="module")
def s7() -> Iterator[Session]:
    with Session(Lab("s7", results_root() / "in_path_s7"), with_checks) as session:
        yield session


def servers_out(session: Session, family: int) -> list[set[str]]:
    """On each director: the servers of weight 0."""
    key = "TCP " + ipvs.endpoint(session.lab.vip(family), 80)
    return [{name for name, each in ipvs.table(director)[key].destinations.items() if each.weight == 0}
            for director in session.lab.directors]


def stop_listening(machine: Machine) -> None:
    for pid in set(re.findall(r"pid=(\d+)", machine.run("ss", "-Hltnp", "sport = :80"))):
        os.kill(int(pid), signal.SIGKILL)
    wait_until(lambda: not servers.listening(machine, [80]), f"{machine.name} does not listen")


@pytest.mark.parametrize("family", [4, 6])
def test_each_node_finds_the_server_that_is_down(s7: Session, family: int) -> None:
    wait_until(lambda: servers_out(s7, family) == [set()] * 3, "all are healthy everywhere")
    lame = s7.lab.machine("node-2")
    stop_listening(lame)
    down = {ipvs.endpoint(lame.address(family), 80)}
    wait_until(lambda: servers_out(s7, family) == [down] * 3, "every node has found it, and no other")
    servers.start_nginx(lame, s7.lab.state / lame.name)
    wait_until(lambda: servers_out(s7, family) == [set()] * 3, "it is back everywhere")
