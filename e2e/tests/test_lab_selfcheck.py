"""The lab proves itself: S1 by hand with ipvsadm and ip, before anything of ours runs in it."""

from __future__ import annotations

from typing import Iterator

import pytest

from conftest import results_root
from lab import by_hand, ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import wait_until

WEIGHTS = {"real-server-1": 3, "real-server-2": 2, "real-server-3": 1}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("s1", results_root() / "selfcheck") as running:
        by_hand.set_up(running, WEIGHTS, 80)
        yield running


@pytest.mark.parametrize("family", [4, 6])
def test_direct_routing_spreads_by_weight_and_answers_pass_the_director_by(lab: Lab, family: int) -> None:
    vip = lab.vip(family)
    with lab.capture("client", f"ipv{family}", "tcp port 80") as capture:
        served = traffic.answers(lab.client, traffic.url(vip, 80), 12)

    assert served == {"real-server-1": 6, "real-server-2": 4, "real-server-3": 2}
    key = f"TCP {ipvs.endpoint(vip, 80)}"
    counters = ipvs.statistics_after(lab.machine("director-1"), key, 12)[""]
    assert (counters.connections, counters.out_packets, counters.out_bytes) == (12, 0, 0)
    senders = {lab.name_of(packet.src_mac) for packet in capture.from_port(vip, 80)}
    assert senders == set(WEIGHTS)
    for server in lab.real_servers:
        seen = [request.client for request in servers.access_log(server) if request.address == vip]
        assert set(seen) == {lab.client.address(family)}


@pytest.mark.parametrize("family", [4, 6])
def test_only_the_director_answers_for_the_vip(lab: Lab, family: int) -> None:
    assert traffic.who_answers(lab.client, lab.vip(family), 100) == {lab.machine("director-1").mac: 100}


def test_the_load_generator_counts_what_nginx_counts(lab: Lab) -> None:
    def logged() -> int:
        return sum(len(servers.access_log(server)) for server in lab.real_servers)

    before = logged()
    result = traffic.Load(lab.client, traffic.url(lab.vip(), 80), requests=60, concurrency=5)
    with result:
        done = result.wait()
    assert (done.ok, done.failed) == (60, 0)
    wait_until(lambda: logged() - before >= 60, "nginx has written its last line, which comes after the answer")
    assert logged() - before == 60
    assert (sum(done.servers.values()), set(done.servers)) == (60, {server.name for server in lab.real_servers})


def test_the_load_generator_sees_failures(lab: Lab) -> None:
    load = traffic.Load(lab.client, traffic.url(lab.vip(), 81), requests=3)
    with load:
        done = load.wait()
    assert (done.ok, done.failed, done.reasons) == (0, 3, {"ConnectionRefusedError": 3})
