"""S1 with two real servers, and a third machine that answers while neither of them may."""

from __future__ import annotations

import os
import re
import signal
from typing import Iterator

import pytest

from conftest import results_root, without_persistence
from lab import by_hand, ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session

CHECK = {"type": "HTTP", "path": "/health", "interval": "500ms", "timeout": "500ms", "rise": 2, "fall": 2}
SORRY = "real-server-3"


def with_two_servers(manifests: Manifests) -> None:
    without_persistence(manifests)
    manifests.delete("RealServer", SORRY)
    manifests.set_spec("VirtualService", "web", healthCheck=CHECK, failOpenPercent=100, drainTimeout="2s",
                       sorryServer={"address": "192.168.100.23"})


@pytest.fixture(scope="module")
def s1_running() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "sorry"), with_two_servers) as session:
        by_hand.prepare_real_server(session.lab.machine(SORRY), session.lab.vip())
        yield session


@pytest.fixture
def s1(s1_running: Session) -> Iterator[Session]:
    yield s1_running
    for name in ("real-server-1", "real-server-2"):
        serve(s1_running.lab.machine(name), s1_running)
        s1_running.manifests.set_spec("RealServer", name, drain=False)
    s1_running.manifests.set_spec("VirtualService", "web", onFailure="Quiesce")
    wait_for_weights(s1_running, {"192.168.100.21": 3, "192.168.100.22": 2})


def weights(s1: Session) -> dict[str, int]:
    table = ipvs.table(s1.director)[f"TCP {s1.lab.vip()}:80"].destinations
    return {name.rsplit(":", 1)[0]: destination.weight for name, destination in table.items()}


def wait_for_weights(s1: Session, expected: dict[str, int]) -> None:
    wait_until(lambda: weights(s1) == expected, f"weights {expected}", 60)


def stop(machine: Machine) -> None:
    for pid in set(re.findall(r"pid=(\d+)", machine.run("ss", "-Hltnp", "sport = :80"))):
        os.kill(int(pid), signal.SIGKILL)
    wait_until(lambda: not servers.listening(machine, [80]), f"{machine.name} does not listen")


def serve(machine: Machine, s1: Session) -> None:
    if not servers.listening(machine, [80]):
        servers.start_nginx(machine, s1.lab.state / machine.name)


def who_answers(s1: Session) -> set[str]:
    return set(traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(), 80), 6))


def test_the_sorry_server_answers_while_every_server_fails(s1: Session) -> None:
    wait_for_weights(s1, {"192.168.100.21": 3, "192.168.100.22": 2})
    assert who_answers(s1) == {"real-server-1", "real-server-2"}
    for name in ("real-server-1", "real-server-2"):
        stop(s1.lab.machine(name))
    wait_for_weights(s1, {"192.168.100.21": 0, "192.168.100.22": 0, "192.168.100.23": 1})
    assert who_answers(s1) == {SORRY}
    said = s1.product.lvsctl("status")[1]
    assert re.search(r"\(sorry server\) +192\.168\.100\.23:80", said), said
    serve(s1.lab.machine("real-server-1"), s1)
    wait_for_weights(s1, {"192.168.100.21": 3, "192.168.100.22": 0})
    assert who_answers(s1) == {"real-server-1"}


def test_the_sorry_server_answers_while_all_are_drained(s1: Session) -> None:
    for name in ("real-server-1", "real-server-2"):
        s1.manifests.set_spec("RealServer", name, drain=True)
    wait_for_weights(s1, {"192.168.100.21": 0, "192.168.100.22": 0, "192.168.100.23": 1})
    assert who_answers(s1) == {SORRY}


def test_servers_that_fail_leave_the_table_where_that_is_wished(s1: Session) -> None:
    s1.manifests.set_spec("VirtualService", "web", onFailure="Remove")
    stop(s1.lab.machine("real-server-2"))
    wait_for_weights(s1, {"192.168.100.21": 3})
    said = s1.product.lvsctl("status")[1]
    assert re.search(r"real-server-2 .* Down ", said), said
    stop(s1.lab.machine("real-server-1"))
    wait_for_weights(s1, {"192.168.100.23": 1})
    serve(s1.lab.machine("real-server-2"), s1)
    wait_for_weights(s1, {"192.168.100.22": 2})
    assert who_answers(s1) == {"real-server-2"}


def test_an_agents_restart_changes_nothing(s1: Session) -> None:
    """Nobody is known to be healthy then: neither the servers nor the sorry server change."""
    for name in ("real-server-1", "real-server-2"):
        stop(s1.lab.machine(name))
    sorry = {"192.168.100.21": 0, "192.168.100.22": 0, "192.168.100.23": 1}
    wait_for_weights(s1, sorry)
    director = s1.director
    s1.product.agent(director).kill()
    s1.product.start_agent(director)
    s1.product.wait_for_agent(director)
    for _ in range(30):
        assert weights(s1) == sorry
