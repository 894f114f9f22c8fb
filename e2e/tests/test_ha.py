"""High availability: who holds the VIPs when directors die, stall, or cannot hear each other.

Every test begins with both directors well and one holder, whichever it is: nothing moves back by
itself. Outages are bounded generously here; `make bench-failover` measures them.
"""

from __future__ import annotations

import signal
import time
from typing import Iterator

import pytest

from lab import traffic
from lab.ha import LIFETIME, holder, load, moved_to, nothing_failed, only_what_was_under_way, other, put_right
from lab.lab import Lab
from lab.machine import wait_until
from lab.session import Session
from tests.conftest import results_root, without_persistence


@pytest.fixture(scope="module")
def running() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "test_ha"), without_persistence) as session:
        time.sleep(LIFETIME)  # connection tables are warm
        yield session


@pytest.fixture
def ha(running: Session) -> Iterator[Session]:
    yield running
    put_right(running)


def never_two(session: Session, seconds: float) -> None:
    """Asks the wire for `seconds`: whoever answers, two never do at the same time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answers = traffic.who_answers(session.lab.client, session.lab.vip(), 10)
        assert len(answers) <= 1, answers


def test_a_director_that_dies_is_replaced(ha: Session) -> None:
    dying = holder(ha)
    heir = other(ha, dying)
    with load(ha) as running:
        time.sleep(2)
        ha.product.agent(dying).kill()
        ha.lab.unplug(dying)
        wait_until(lambda: heir.holds(ha.lab.vip()) and heir.holds(ha.lab.vip(6)), "the heir holds both")
        time.sleep(3)
    assert running.result.ok > 200
    only_what_was_under_way(running)


def test_an_agent_that_is_killed_and_comes_back_moves_nothing(ha: Session) -> None:
    keeper = holder(ha)
    with load(ha) as running:
        time.sleep(1)
        ha.product.agent(keeper).kill()
        ha.product.start_agent(keeper)
        ha.product.wait_for_agent(keeper)
        time.sleep(3)
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert holder(ha) is keeper


def test_an_agent_that_does_not_come_back_loses_its_address_in_time(ha: Session) -> None:
    dying = holder(ha)
    ha.product.agent(dying).kill()
    never_two(ha, LIFETIME + 4)
    moved_to(ha, other(ha, dying))


def test_sigterm_hands_over_at_once(ha: Session) -> None:
    """No connection is lost."""
    leaving = holder(ha)
    with load(ha) as running:
        time.sleep(2)
        ha.product.agent(leaving).stop(timeout=20)
        moved_to(ha, other(ha, leaving))
        time.sleep(2)
    nothing_failed(running)


def test_heartbeats_lost_and_nothing_moves(ha: Session) -> None:
    keeper = holder(ha)
    for machine in ha.lab.directors:
        machine.run("nft", "-f", "-", stdin="table inet cut {\nchain in {\ntype filter hook input priority 0\n"
                                            "udp dport 9442 drop\n}\n}\n")
    with load(ha, rate=20) as running:
        time.sleep(5)
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert holder(ha) is keeper


def test_a_director_cut_off_gives_way_when_it_comes_back(ha: Session) -> None:
    cut = holder(ha)
    heir = other(ha, cut)
    ha.lab.cut_off(cut)
    wait_until(lambda: heir.holds(ha.lab.vip()), "the heir takes over")
    ha.lab.join_again(cut)
    moved_to(ha, heir, timeout=10)


def test_a_paused_director_takes_nothing_back(ha: Session) -> None:
    paused = holder(ha)
    ha.product.agent(paused).send(signal.SIGSTOP)
    never_two(ha, LIFETIME + 3)
    moved_to(ha, other(ha, paused))
    ha.product.agent(paused).send(signal.SIGCONT)
    never_two(ha, 4)
    assert holder(ha) is not paused
