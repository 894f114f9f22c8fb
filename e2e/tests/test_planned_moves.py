"""Planned moves by command, in directory mode: failover, drain, undrain, and what is told of them."""

from __future__ import annotations

import json
import time
from typing import Iterator

import pytest

from lab import traffic
from lab.ha import load, moved_to, nothing_failed, other
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.session import Session
from lab.streams import Streams
from tests.conftest import results_root, without_persistence

WARM_UP = 11.0
STREAMS, MOVES = 50, 10


@pytest.fixture(scope="module")
def running() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "test_planned_moves"), without_persistence) as session:
        time.sleep(WARM_UP)  # only a warm director is a successor
        yield session


@pytest.fixture
def moves(running: Session) -> Iterator[Session]:
    yield running
    for machine in running.lab.directors:
        running.product.lvsctl("undrain", machine.name)


def holder(session: Session, family: int = 4) -> Machine:
    wait_until(lambda: len(session.lab.holder(family)) == 1, "one director holds the VIP")
    return session.lab.machine(session.lab.holder(family)[0])


def done(answer: tuple[int, str]) -> str:
    code, text = answer
    assert code == 0, text
    return text


def status(session: Session) -> dict:
    return json.loads(session.product.lvsctl("status", "-o", "json")[1])


def vip_row(session: Session) -> dict:
    return next(row for row in status(session)["vips"] if row["address"] == session.lab.vip())


def test_a_failover_goes_where_it_shall_and_says_why(moves: Session) -> None:
    before = holder(moves)
    heir = other(moves, before)
    term = vip_row(moves)["term"]
    with load(moves) as running:
        time.sleep(1)
        said = done(moves.product.lvsctl("failover", moves.lab.vip(), "--to", heir.name))
        time.sleep(1)
    nothing_failed(running)
    assert f"{heir.name} holds it (term {term + 1})" in said, said
    assert moves.lab.holder() == [heir.name]
    row = vip_row(moves)
    assert (row["holders"], row["previousHolder"], row["reason"]) == ([heir.name], before.name, "FailoverRequested")


def streams_of(session: Session) -> Streams:
    return Streams(session.lab.client, STREAMS, traffic.url(session.lab.vip(), 80))


def all_went_on(streams: Streams) -> None:
    assert (streams.result.alive, streams.result.broken) == (STREAMS, {}), streams.result


@pytest.mark.long
def test_ten_moves_in_a_row_fail_and_reset_nobody(moves: Session) -> None:
    with streams_of(moves) as streams, load(moves) as running:
        for _ in range(MOVES):
            heir = other(moves, holder(moves))
            done(moves.product.lvsctl("failover", moves.lab.vip(), "--to", heir.name))
            assert holder(moves) is heir
            time.sleep(0.5)
    nothing_failed(running)
    all_went_on(streams)


@pytest.mark.long
def test_ten_upgrades_in_a_row_fail_and_reset_nobody(moves: Session) -> None:
    """SIGTERM and start: whose kernel kept its connections in step meanwhile is warm at once."""
    with streams_of(moves) as streams, load(moves) as running:
        for _ in range(MOVES):
            leaving = holder(moves)
            moves.product.agent(leaving).stop(timeout=20)
            moved_to(moves, other(moves, leaving))
            moves.product.start_agent(leaving)
            moves.product.wait_for_agent(leaving)
            time.sleep(2)
    nothing_failed(running)
    all_went_on(streams)


def test_dry_run_and_what_cannot_be_change_nothing(moves: Session) -> None:
    before = holder(moves)
    said = done(moves.product.lvsctl("failover", moves.lab.vip(), "--dry-run"))
    assert f"would move from {before.name} to {other(moves, before).name}" in said
    assert f"would move from {before.name}" in done(moves.product.lvsctl("drain", before.name, "--dry-run"))
    assert moves.product.lvsctl("failover", moves.lab.vip(), "--to", "real-server-1")[0] == 1
    assert moves.product.lvsctl("failover", "192.0.2.99")[0] == 2
    assert moves.product.lvsctl("drain", "nobody")[0] == 2
    assert holder(moves) is before


def test_a_drain_empties_a_director_and_keeps_it_empty(moves: Session) -> None:
    drained = holder(moves)
    heir = other(moves, drained)
    with load(moves) as running:
        time.sleep(1)
        done(moves.product.lvsctl("drain", drained.name))
        assert moves.lab.holder(4) == [heir.name] and moves.lab.holder(6) == [heir.name]
        # It survives a restart of the agent.
        moves.product.agent(drained).stop(timeout=20)
        moves.product.start_agent(drained)
        moves.product.wait_for_agent(drained)
        time.sleep(3)
        code, said = moves.product.lvsctl("failover", moves.lab.vip(), "--to", drained.name)
        assert (code, "is drained" in said) == (1, True), said
        done(moves.product.lvsctl("undrain", drained.name))
        time.sleep(2)
    nothing_failed(running)
    assert moves.lab.holder() == [heir.name], "nothing moves back by itself"
    assert vip_row(moves)["reason"] == "DirectorDrained"
    time.sleep(WARM_UP)


def test_a_drain_without_a_successor_says_so_and_takes_nothing_away(moves: Session) -> None:
    keeper = holder(moves)
    done(moves.product.lvsctl("drain", other(moves, keeper).name))
    code, said = moves.product.lvsctl("drain", keeper.name, "--wait", "2s")
    assert code == 1, said
    assert "no other one that is fit and warm is heard" in said and "stays drained" in said, said
    assert traffic.http_get(moves.lab.client, traffic.url(moves.lab.vip(), 80))
    assert moves.lab.holder() == [keeper.name]
    done(moves.product.lvsctl("undrain", keeper.name))


def test_the_directors_tell_how_they_hear_each_other(moves: Session) -> None:
    report = status(moves)
    pairs = {(row["director"], row["peer"]): row for row in report["heartbeats"]}
    one, two = (machine.name for machine in moves.lab.directors)
    for pair in ((one, two), (two, one)):
        assert pairs[pair]["heard"] and pairs[pair]["received"] > 100, pairs
        assert pairs[pair]["roundTripMs"] < 1000
    metrics = moves.product.metrics(moves.lab.machine(one))
    assert metrics[f'lvs_agent_director_heard{{peer="{two}"}}'] == 1
    assert metrics["lvs_agent_heartbeats_received_total"] > 100
