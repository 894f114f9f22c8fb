"""S7: three nodes that are director and real server at once.

The holder sends a connection on once, and whoever gets it serves it. Were it balanced again, packets would go
round between the nodes, and two of three requests would find no answer. The holder's own server has its share, too.
"""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import traffic
from lab.lab import Lab
from lab.session import Session
from lab.streams import Streams
from tests.conftest import results_root

STREAMS = 30
EQUAL = {"node-1": 10, "node-2": 10, "node-3": 10}


@pytest.fixture(scope="module")
def s7() -> Iterator[Session]:
    with Session(Lab("s7", results_root() / "test_s7")) as session:
        time.sleep(10)  # connection tables are warm
        yield session


def who_answers(session: Session, family: int) -> dict[str, int]:
    return dict(traffic.answers(session.lab.client, traffic.url(session.lab.vip(family), 80), 30))


@pytest.mark.parametrize("family", [4, 6])
def test_all_three_answer_the_holder_too(s7: Session, family: int) -> None:
    assert who_answers(s7, family) == EQUAL


@pytest.mark.parametrize("family", [4, 6])
def test_connections_go_on_when_the_vip_moves_on(s7: Session, family: int) -> None:
    """To either of the others: what one node delivers, the third has to find, too."""
    vip = s7.lab.vip(family)
    before = s7.lab.holder(family)
    with Streams(s7.lab.client, STREAMS, traffic.url(vip, 80)) as streams:
        time.sleep(4)  # all kernels know them
        for machine in [each for each in s7.lab.directors if [each.name] != before]:
            code, said = s7.product.lvsctl("failover", vip, "--to", machine.name)
            assert code == 0, said
            time.sleep(1)
    assert (streams.result.alive, streams.result.broken) == (STREAMS, {}), streams.result
    assert who_answers(s7, family) == EQUAL
