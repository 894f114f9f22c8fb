"""Faults that clients must not notice, or for a moment only; from a directory, and with Leases on a real API server.

Where two directors move a VIP, test_ha.py has it; how long it takes, `make bench-failover` measures.
"""

from __future__ import annotations

import signal
import time
from typing import Iterator

import pytest

from lab import api_server, traffic
from lab.ha import (LIFETIME, BadHeartbeats, ClockStep, LeasesSession, Log, Logs, Stranger, WireWatch, holder, load,
                    moved_to, nothing_failed, only_what_was_under_way, other, put_right)
from lab.lab import Lab
from lab.machine import wait_until
from lab.session import Session
from tests.conftest import results_root, without_persistence

FAMILIES = [4, 6]

# Their timing is a real cluster's: on a guest that shares its processors with a compiler they prove nothing.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module", params=["directory", "leases"])
def running(request: pytest.FixtureRequest) -> Iterator[Session]:
    if request.param == "leases" and not api_server.is_there():
        pytest.skip("no API server: e2e/run-tests starts one where it can")
    kind = LeasesSession if request.param == "leases" else Session
    with kind(Lab("s1", results_root() / f"test_ha_faults-{request.param}"), without_persistence) as session:
        time.sleep(LIFETIME)  # connection tables are warm
        yield session


@pytest.fixture
def ha(running: Session) -> Iterator[Session]:
    yield running
    put_right(running)


@pytest.fixture
def leases(ha: Session) -> LeasesSession:
    if not isinstance(ha, LeasesSession):
        pytest.skip("there are no Leases")
    wait_until(lambda: lease_is_true(ha), "the Leases say who holds")
    return ha


@pytest.fixture
def directory(ha: Session) -> Session:
    """For what has nothing to do with Leases: once is enough."""
    if isinstance(ha, LeasesSession):
        pytest.skip("tried without Leases")
    return ha


def lease_is_true(session: LeasesSession) -> bool:
    return all([session.api.lease_of(session.lab.vip(family))[0]] == session.lab.holder(family)
               for family in FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_heartbeats_lost_both_ways(ha: Session, family: int) -> None:
    keeper, logs = holder(ha), Logs(ha)
    for machine in ha.lab.directors:
        machine.run("nft", "-f", "-", stdin="table inet cut {\nchain in {\ntype filter hook input priority 0\n"
                                            "udp dport 9442 drop\n}\n}\n")
    with load(ha, rate=20, family=family) as running:
        wait_until(lambda: "HeartbeatsLost" in logs.of(other(ha, keeper)).news(ha.lab.vip(family)),
                   "the other says that it hears nothing", 30)
        time.sleep(4)
    nothing_failed(running)
    assert holder(ha) is keeper
    assert logs.moves() == []


def test_a_standby_cut_off_takes_nothing(ha: Session) -> None:
    """It hears nobody at all, which proves nothing; so nothing moves when it is back."""
    keeper = holder(ha)
    standby = other(ha, keeper)
    logs = Logs(ha)
    with load(ha, rate=20) as running:
        ha.lab.cut_off(standby)
        wait_until(lambda: logs.of(standby).lines('"nobody answers on the segment'), "the standby notices")
        time.sleep(5)
        assert not any(standby.holds(ha.lab.vip(family)) for family in FAMILIES)
        ha.lab.join_again(standby)
        wait_until(lambda: logs.of(standby).lines('"the segment answers again"'), "the standby is back")
        time.sleep(3)
    nothing_failed(running)
    assert holder(ha) is keeper
    assert logs.moves() == []


def test_an_agent_killed_for_good(ha: Session) -> None:
    """Nothing fails while the kernel serves on; then one move, and never two machines that answer."""
    dying = holder(ha)
    heir = other(ha, dying)
    vips = [ha.lab.vip(family) for family in FAMILIES]
    with WireWatch(ha, ha.lab.client, vips) as wire:
        with load(ha) as serving_on:
            ha.product.agent(dying).kill()
            time.sleep(LIFETIME / 2)
        with load(ha) as running:
            moved_to(ha, heir)
            time.sleep(2)
    nothing_failed(serving_on)
    only_what_was_under_way(running)
    assert wire.turns == {vip: [dying.name, heir.name] for vip in vips}


def test_an_agent_killed_and_back(ha: Session) -> None:
    keeper = holder(ha)
    with load(ha, family=6) as running:
        ha.product.agent(keeper).kill()
        ha.product.start_agent(keeper)
        ha.product.wait_for_agent(keeper)
        time.sleep(4)
    nothing_failed(running)
    assert holder(ha) is keeper


def test_a_director_paused_for_half_a_minute(ha: Session) -> None:
    paused = holder(ha)
    heir = other(ha, paused)
    logs = Logs(ha)
    vips = [ha.lab.vip(family) for family in FAMILIES]
    with WireWatch(ha, ha.lab.client, vips) as wire:
        ha.product.agent(paused).send(signal.SIGSTOP)
        time.sleep(30)
        moved_to(ha, heir)
        ha.product.agent(paused).send(signal.SIGCONT)
        time.sleep(5)
    assert wire.turns == {vip: [paused.name, heir.name] for vip in vips}
    assert holder(ha) is heir
    assert logs.of(heir).news(vips[0]).count("Took") == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_steps(ha: Session, hours: int) -> None:
    keeper, logs = holder(ha), Logs(ha)
    with load(ha, rate=20) as running:
        with ClockStep(hours * 3600):
            time.sleep(LIFETIME + 3)
        time.sleep(5)
    nothing_failed(running)
    assert holder(ha) is keeper
    assert logs.moves() == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stranger_claims_the_vip(directory: Session, family: int) -> None:
    vip = directory.lab.vip(family)
    keeper, logs = holder(directory), Logs(directory)
    length = {4: 32, 6: 128}[family]
    with Stranger(directory) as stranger:
        stranger.run("ip", "addr", "add", f"{vip}/{length}", "dev", "eth0", *(["nodad"] if family == 6 else []))
        for _ in range(5):  # it says so, and it answers
            if family == 4:
                stranger.run("arping", "-A", "-c", "1", "-I", "eth0", vip, check=False)
            else:
                stranger.run("ping", "-c", "1", "-I", vip, directory.lab.directors[0].address(6), check=False)
            traffic.who_answers(directory.lab.client, vip, 20)
        wait_until(lambda: "StrangerClaimsVip" in logs.of(keeper).news(vip), "the holder reports the stranger")
        time.sleep(2)
    wait_until(lambda: set(traffic.who_answers(directory.lab.client, vip, 5)) == {keeper.mac},
               "the holder alone answers", 30)
    wait_until(lambda: reached(directory, family), "clients have found back", 60, 0.5)
    assert holder(directory) is keeper
    assert logs.moves() == []


def reached(session: Session, family: int) -> bool:
    url = traffic.url(session.lab.vip(family), 80)
    return bool(session.lab.client.run("curl", "-sf", "-m", "2", url, check=False))


@pytest.mark.parametrize("family", FAMILIES)
def test_bad_heartbeats(directory: Session, family: int) -> None:
    """From a stranger, and from the other director's own address: ignored, counted, few lines in the log."""
    keeper = holder(directory)
    log, logs = Log(directory, keeper), Logs(directory)
    bad = BadHeartbeats(directory, keeper)
    with Stranger(directory) as stranger, load(directory, rate=20) as running:
        for sender in (stranger, other(directory, keeper)):
            bad.send(sender, keeper.address(family))
        for reason in ("bad_mac", "bad_key", "malformed", "replayed"):
            wait_until(lambda: log.lines('"heartbeats ignored"', f"reason={reason}"), f"counted as {reason}")
        begin = time.monotonic()
        for sender in (stranger, other(directory, keeper)):
            bad.flood(sender, keeper.address(family), 5)
        wait_until(lambda: log.lines('"heartbeats ignored"', "reason=too_many"), "the flood is counted")
        seconds = time.monotonic() - begin
    nothing_failed(running)
    assert holder(directory) is keeper
    assert logs.moves() == []
    assert len(log.lines('"heartbeats ignored"')) <= 7 * (3 + seconds / 10)  # one per reason in 10 s


def test_the_api_server_is_away_for_a_minute(leases: LeasesSession) -> None:
    keeper, logs = holder(leases), Logs(leases)
    with load(leases, rate=50) as running, load(leases, rate=20, family=6) as running6:
        leases.api.kill()
        time.sleep(60)
        assert holder(leases) is keeper
        leases.api.revive()
        wait_until(lambda: lease_is_true(leases), "the Leases say who holds")
        time.sleep(3)
    nothing_failed(running)
    nothing_failed(running6)
    assert holder(leases) is keeper
    assert logs.moves() == []


@pytest.mark.parametrize("outage", ["kill", "freeze"])
def test_the_holder_dies_while_the_api_server_is_away(leases: LeasesSession, outage: str) -> None:
    dying = holder(leases)
    heir = other(leases, dying)
    getattr(leases.api, outage)()
    time.sleep(5)
    with load(leases) as running:
        time.sleep(1)
        leases.product.agent(dying).kill()
        leases.lab.unplug(dying)
        wait_until(lambda: all(heir.holds(leases.lab.vip(family)) for family in FAMILIES), "the heir holds both")
        time.sleep(2)
    only_what_was_under_way(running)
    logs = Log(leases, heir)
    leases.api.revive()
    wait_until(lambda: all(leases.api.lease_of(leases.lab.vip(family))[0] == heir.name for family in FAMILIES),
               "the Leases say who holds", 30)
    time.sleep(3)
    assert all(heir.holds(leases.lab.vip(family)) for family in FAMILIES)
    assert logs.news(leases.lab.vip()) == []


def test_the_holder_is_cut_from_the_api_server(leases: LeasesSession) -> None:
    keeper, logs = holder(leases), Logs(leases)
    before = leases.api.lease_of(leases.lab.vip())
    with load(leases, rate=50) as running:
        leases.api.cut_off(keeper)
        time.sleep(20)
    nothing_failed(running)
    assert holder(leases) is keeper
    assert leases.api.lease_of(leases.lab.vip()) == before
    assert logs.moves() == []


def test_the_lease_follows_a_crash(leases: LeasesSession) -> None:
    dying = holder(leases)
    heir = other(leases, dying)
    terms = {family: leases.api.lease_of(leases.lab.vip(family))[1] for family in FAMILIES}
    leases.product.agent(dying).kill()
    leases.lab.unplug(dying)
    for family in FAMILIES:
        wait_until(lambda: leases.api.lease_of(leases.lab.vip(family))[0] == heir.name, "the Lease names the heir")
        assert leases.api.lease_of(leases.lab.vip(family))[1] > terms[family]
