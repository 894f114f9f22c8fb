"""Connections go on over a crash without any sync: mh finds the same real server on every director."""

from __future__ import annotations

from typing import Iterator

import pytest

from lab.session import Session
from tests.survival import assert_all_went_on, over_a_crash, repair, session_with


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
