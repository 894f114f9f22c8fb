"""Connections that must go on while a VIP moves: what the tests of it have in common."""

from __future__ import annotations

import time
from typing import Any

from lab import traffic
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session
from lab.streams import Streams
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
    wait_until(session.lab.held_by_one, "one director holds each VIP")
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
        wait_until(lambda: holds_both(session, heir), "the heir holds both")
        time.sleep(3)
    return streams


def assert_all_went_on(streams: Streams) -> None:
    assert streams.result.broken == {}
    assert streams.result.alive == streams.result.opened == 2 * STREAMS
    assert streams.result.answers > streams.result.opened
