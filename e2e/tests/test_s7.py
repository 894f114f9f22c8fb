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
from tests.conftest import results_root


@pytest.fixture(scope="module")
def s7() -> Iterator[Session]:
    with Session(Lab("s7", results_root() / "test_s7")) as session:
        time.sleep(10)  # connection tables are warm
        yield session


@pytest.mark.parametrize("family", [4, 6])
def test_all_three_answer_the_holder_too(s7: Session, family: int) -> None:
    answers = traffic.answers(s7.lab.client, traffic.url(s7.lab.vip(family), 80), 30)
    assert answers == {"node-1": 10, "node-2": 10, "node-3": 10}
