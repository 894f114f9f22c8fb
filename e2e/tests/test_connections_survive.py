"""Connections go on when a VIP moves: over a crash, and over a planned move, for both families.

Two ways, each tried alone: the scheduler finds the same real server on every director (mh, with
sloppy_tcp), or the kernels tell each other their connections (sync daemons).
"""

from __future__ import annotations

import time
from typing import Any, Iterator

import pytest

from lab import traffic
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session
from lab.streams import Streams
from lab.traffic import Load
from tests.conftest import results_root, without_persistence

STREAMS = 50
SYNCED = 4.0  # seconds after which the other kernels know a connection: buffers wait up to 2 s


def session_with(scheduler: dict[str, Any], name: str, *options: str) -> Session:
    def prepare(manifests: Manifests) -> None:
        without_persistence(manifests)
        manifests.set_spec("VirtualService", "web", scheduler=scheduler)

    session = Session(Lab("s1", results_root() / name), prepare)
    session.product.agent_options = list(options)
    return session


def holder(session: Session) -> Machine:
    wait_until(session.lab.held_by_one, "one director holds each VIP", 30)
    return session.lab.machine(session.lab.holder()[0])


def other(session: Session, machine: Machine) -> Machine:
    return next(each for each in session.lab.directors if each is not machine)


def urls(session: Session) -> list[str]:
    return [traffic.url(session.lab.vip(family), 80) for family in (4, 6)]


def holds_both(session: Session, machine: Machine) -> bool:
    return all(machine.holds(session.lab.vip(family)) for family in (4, 6))


def crash(session: Session, machine: Machine) -> None:
    session.product.agent(machine).kill()
    session.lab.unplug(machine)


def repair(session: Session) -> None:
    for machine in session.lab.directors:
        session.lab.plug_in(machine)
        if not session.product.agent(machine).running():
            session.product.start_agent(machine)
            session.product.wait_for_agent(machine)
    session.settle(timeout=60)


def over_a_crash(session: Session) -> Streams:
    dying = holder(session)
    heir = other(session, dying)
    with Streams(session.lab.client, STREAMS, *urls(session)) as streams:
        time.sleep(SYNCED)
        crash(session, dying)
        wait_until(lambda: holds_both(session, heir), "the heir holds both", 15)
        time.sleep(3)
    return streams


def assert_all_went_on(streams: Streams) -> None:
    assert streams.result.broken == {}
    assert streams.result.alive == streams.result.opened == 2 * STREAMS
    assert streams.result.answers > streams.result.opened


@pytest.fixture(scope="module")
def synced() -> Iterator[Session]:
    with session_with({"name": "wrr"}, "test_survive_synced") as session:
        yield session


def test_sync_daemons_run_on_directors_only(synced: Session) -> None:
    for machine in synced.lab.directors:
        said = machine.run("ipvsadm", "-Ln", "--daemon")
        assert said.count("mcast=eth0, syncid=76") == 2, said
        assert machine.sysctl("net.ipv4.vs.sync_threshold").split() == ["1", "0"]
        assert machine.sysctl("net.ipv4.vs.sloppy_tcp") == "0"
    for machine in synced.lab.real_servers:
        assert "sync daemon" not in machine.run("ipvsadm", "-Ln", "--daemon", check=False)


def test_the_standby_knows_the_connections(synced: Session) -> None:
    standby = other(synced, holder(synced))
    with Streams(synced.lab.client, 1, *urls(synced)):
        wait_until(lambda: standby.run("ipvsadm", "-Lnc").count("ESTABLISHED") >= 2,
                   "the standby knows both connections", 15)


def test_synced_connections_go_on_over_a_crash(synced: Session) -> None:
    streams = over_a_crash(synced)
    repair(synced)
    assert_all_went_on(streams)


def test_everything_is_as_before_after_cleanup(synced: Session) -> None:
    machine = other(synced, holder(synced))
    synced.product.agent(machine).stop()
    synced.product.clean_up(machine)
    assert "sync daemon" not in machine.run("ipvsadm", "-Ln", "--daemon")
    assert machine.sysctl("net.ipv4.vs.sync_threshold").split() == ["3", "50"]
    assert machine.sysctl("net.ipv4.vs.sync_ports") == "1"
    repair(synced)


@pytest.fixture(scope="module")
def consistent() -> Iterator[Session]:
    scheduler = {"name": "mh", "flags": ["mh-port"]}
    with session_with(scheduler, "test_survive_mh", "--sync=off") as session:
        yield session


def test_the_same_server_is_found_over_a_crash_without_sync(consistent: Session) -> None:
    for machine in consistent.lab.directors:
        assert machine.sysctl("net.ipv4.vs.sloppy_tcp") == "1"
        assert "sync daemon" not in machine.run("ipvsadm", "-Ln", "--daemon")
    streams = over_a_crash(consistent)
    repair(consistent)
    assert_all_went_on(streams)
