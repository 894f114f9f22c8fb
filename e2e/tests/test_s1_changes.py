"""S1: resources change while clients ask. Nobody notices, and nothing is left behind."""

from __future__ import annotations

from functools import partial
from typing import Iterator

import pytest

from lab import ipvs, traffic
from lab.machine import Machine, wait_until
from lab.session import Session
from lab.traffic import Load

KEY = "TCP 192.168.100.100:80"


both_families = pytest.mark.parametrize("family", [4, 6])


def load(s1: Session, family: int = 4) -> Load:
    return Load(s1.lab.client, traffic.url(s1.lab.vip(family), 80), concurrency=4, rate=25)


def weights(s1: Session) -> dict[str, int]:
    found = ipvs.table(s1.director)[KEY].destinations
    return {address.removesuffix(":80"): destination.weight for address, destination in found.items()}


def has_not(server: Machine, address: str) -> bool:
    return address not in server.addresses("lo")


def assert_unnoticed(running: Load) -> None:
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert running.result.ok > 20


@both_families
def test_weight_changed_under_load(s1: Session, family: int) -> None:
    with load(s1, family) as running:
        s1.change("RealServer", "real-server-3", weight=5)
        assert weights(s1)["192.168.100.23"] == 5
        s1.change("RealServer", "real-server-3", weight=1)
    assert_unnoticed(running)


@both_families
def test_server_removed_and_added_under_load(s1: Session, family: int) -> None:
    server = s1.lab.machine("real-server-2")
    with load(s1, family) as running:
        s1.manifests.delete("RealServer", "real-server-2")
        wait_until(lambda: "192.168.100.22" not in weights(s1), "the server has left the table")
        wait_until(lambda: "192.168.100.100/32" not in server.addresses("lo"), "and given the address up")
        s1.reset()
        assert weights(s1)["192.168.100.22"] == 2
        assert "192.168.100.100/32" in server.addresses("lo")
    assert_unnoticed(running)
    assert running.result.servers["real-server-2"] > 0


def test_counters_of_untouched_destinations_go_on(s1: Session) -> None:
    """A rebuilt table would start from zero."""
    traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(), 80), 12)
    before = ipvs.settled_statistics(s1.director)[KEY]
    s1.change("RealServer", "real-server-3", weight=4)
    s1.manifests.delete("RealServer", "real-server-3")
    wait_until(lambda: "192.168.100.23" not in weights(s1), "the server has left the table")
    after = ipvs.statistics(s1.director)[KEY]
    for untouched in ("", "192.168.100.21:80", "192.168.100.22:80"):
        assert after[untouched].connections >= before[untouched].connections > 0


@pytest.fixture
def second_service(s1: Session) -> Iterator[str]:
    """A second service on an address of its own, with the same real servers."""
    service = next(o for o in s1.manifests.objects() if o["kind"] == "VirtualService")
    service["metadata"]["name"] = "second"
    service["spec"]["vips"] = ["192.168.100.101"]
    s1.manifests.write("second.yaml", service)
    s1.follow()
    yield "192.168.100.101"


def test_service_added_and_deleted_under_load_of_another(s1: Session, second_service: str) -> None:
    with load(s1) as running:
        assert sum(traffic.answers(s1.lab.client, traffic.url(second_service, 80), 6).values()) == 6
        (s1.manifests.folder / "second.yaml").unlink()
        wait_until(lambda: f"TCP {second_service}:80" not in ipvs.table(s1.director), "the service is gone")
        wait_until(lambda: not s1.director.holds(second_service), "the address is gone from the director")
        for server in s1.lab.real_servers:
            wait_until(partial(has_not, server, f"{second_service}/32"), f"and from {server.name}")
        s1.follow()
    assert_unnoticed(running)


def test_deleted_service_leaves_nothing(s1: Session) -> None:
    s1.manifests.delete("VirtualService", "web")
    for director in s1.lab.directors:
        s1.wait_for_table("", director)
    wait_until(lambda: s1.fingerprints() == s1.untouched, "addresses and sysctls are as before")
