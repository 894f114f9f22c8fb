"""S1 with kubectl and a real API server, from `kubectl apply` to traffic and back to nothing."""

from __future__ import annotations

import json
import os
from typing import Iterator

import pytest

from conftest import results_root, without_persistence
from lab import ipvs, servers, traffic
from lab.kubernetes import KubernetesSession
from lab.lab import Lab
from lab.machine import wait_until

KEY = "TCP 192.168.100.100:80"
pytestmark = pytest.mark.skipif("LVS_KUBECONFIG" not in os.environ,
                                reason="no API server: e2e/run-tests starts one where it can")


@pytest.fixture(scope="module")
def s1() -> Iterator[KubernetesSession]:
    with KubernetesSession(Lab("s1", results_root() / "s1_kubernetes"), without_persistence) as session:
        yield session


def patch(s1: KubernetesSession, what: str, name: str, **spec: object) -> None:
    s1.kubectl("patch", what, "-n", "shop", name, "--type=merge", "-p", json.dumps({"spec": spec}))


@pytest.mark.parametrize("family", [4, 6])
def test_applied_manifests_carry_traffic_by_direct_routing(s1: KubernetesSession, family: int) -> None:
    vip = s1.lab.vip(family)
    with s1.lab.capture("client", f"kubernetes-ipv{family}", "tcp port 80") as capture:
        served = traffic.answers(s1.lab.client, traffic.url(vip, 80), 60)
    assert served == {"real-server-1": 30, "real-server-2": 20, "real-server-3": 10}
    counters = ipvs.statistics_after(s1.director, f"TCP {ipvs.endpoint(vip, 80)}", 60)[""]
    assert (counters.connections, counters.out_packets, counters.out_bytes) == (60, 0, 0)
    senders = {s1.lab.name_of(packet.src_mac) for packet in capture.from_port(vip, 80)}
    assert senders == {"real-server-1", "real-server-2", "real-server-3"}
    for server in s1.lab.real_servers:
        seen = {request.client for request in servers.access_log(server) if request.address == vip}
        assert seen == {s1.lab.client.address(family)}
    assert traffic.who_answers(s1.lab.client, vip, 100) == {s1.director.mac: 100}


def test_the_status_says_what_is(s1: KubernetesSession) -> None:
    for condition in ("Accepted", "Programmed"):
        s1.wait_for_condition("lvsvs", "shop", "web", condition)
    for server in s1.lab.real_servers:
        s1.wait_for_condition("lvsrs", "shop", server.name, "Prepared")
    columns = s1.kubectl("get", "lvsvs", "-n", "shop").splitlines()[1].split()
    assert "director-1" in columns and "3/3" in columns


def test_patched_under_load(s1: KubernetesSession) -> None:
    with traffic.Load(s1.lab.client, traffic.url(s1.lab.vip(), 80), concurrency=4, rate=20) as load:
        patch(s1, "lvsrs", "real-server-3", weight=6)
        wait_until(lambda: ipvs.table(s1.director)[KEY].destinations["192.168.100.23:80"].weight == 6, "the weight")
        s1.kubectl("delete", "lvsrs", "-n", "shop", "real-server-2")
        wait_until(lambda: "192.168.100.22:80" not in ipvs.table(s1.director)[KEY].destinations, "the server left")
        s1.apply()
        s1.settle()
    assert (load.result.failed, load.result.reasons) == (0, {})


def test_deleted_resources_leave_nothing(s1: KubernetesSession) -> None:
    s1.kubectl("delete", "lvsvs", "-n", "shop", "web")
    for director in s1.lab.directors:
        s1.wait_for_table("", director)
    wait_until(lambda: s1.fingerprints() == s1.untouched, "addresses and sysctls are as before")
