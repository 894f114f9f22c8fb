"""Connections go on when a VIP moves, because the directors' kernels tell each other about them.

Over a crash, for both families. Without sync: test_connections_survive_mh.py.
"""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab.machine import wait_until
from lab.session import Session
from lab.streams import Streams
from tests.survival import assert_all_went_on, holder, other, over_a_crash, repair, session_with, urls


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
