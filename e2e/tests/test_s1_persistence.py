"""S1 with the manifests as users copy them: a client stays with its real server for 60 s."""

from __future__ import annotations

from typing import Iterator

import pytest

from conftest import results_root
from lab import ipvs, traffic
from lab.lab import Lab
from lab.machine import wait_until
from lab.session import Session


@pytest.fixture(scope="module")
def as_users_copy_it() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "s1_persistence")) as session:
        yield session


def test_with_persistence_one_client_stays_with_one_server(as_users_copy_it: Session) -> None:
    session = as_users_copy_it
    assert "-A -t 192.168.100.100:80 -s wrr -p 60\n" in ipvs.save(session.director)
    served = traffic.answers(session.lab.client, traffic.url(session.lab.vip(), 80), 12)
    assert list(served.values()) == [12]


def weights(session: Session) -> dict[str, int]:
    found = ipvs.table(session.director)["TCP 192.168.100.100:80"].destinations
    return {address.removesuffix(":80"): destination.weight for address, destination in found.items()}


def test_a_client_leaves_a_server_that_is_being_drained(as_users_copy_it: Session) -> None:
    """And nobody notices. Before it is drained, persistence keeps the client there: that is the test of the test."""
    session = as_users_copy_it
    where = traffic.url(session.lab.vip(), 80)
    mine = traffic.http_get(session.lab.client, where)
    address = session.lab.machine(mine).address()
    with traffic.Load(session.lab.client, where, concurrency=4, rate=25) as running:
        assert set(traffic.answers(session.lab.client, where, 6)) == {mine}
        session.change("RealServer", mine, drain=True)
        wait_until(lambda: weights(session).get(address, 0) == 0, "the server gets no weight", 60)
        assert mine not in traffic.answers(session.lab.client, where, 6)
    assert (running.result.failed, running.result.reasons) == (0, {})
    session.reset()
