"""S1 with the manifests as users copy them: a client stays with its real server for 60 s."""

from __future__ import annotations

from typing import Iterator

import pytest

from conftest import results_root
from lab import ipvs, traffic
from lab.lab import Lab
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
