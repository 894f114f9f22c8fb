"""S2: a router, and a director that could not answer the client if it wanted to."""

from __future__ import annotations

from typing import Iterator

import pytest

from conftest import results_root
from lab import ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import wait_until
from lab.session import Session


@pytest.fixture(scope="module")
def s2() -> Iterator[Session]:
    with Session(Lab("s2", results_root() / "s2")) as session:
        yield session


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("client", ["client", "inner-client"])
def test_both_clients_are_served_in_turn(s2: Session, client: str, family: int) -> None:
    machine, vip = s2.lab.machine(client), s2.lab.vip(family)
    assert traffic.answers(machine, traffic.url(vip, 8080), 10) == {"real-server-1": 5, "real-server-2": 5}
    for server in s2.lab.real_servers:
        seen = {request.client for request in servers.access_log(server) if request.address == vip}
        assert machine.address(family) in seen


@pytest.mark.parametrize("family", [4, 6])
def test_the_director_has_no_route_to_the_client_and_sees_no_response(s2: Session, family: int) -> None:
    outer = s2.lab.client.address(family)
    assert s2.director.run("ip", "route", "get", outer, check=False) == ""
    vip = s2.lab.vip(family)
    with s2.lab.capture("router", f"router-ipv{family}", "tcp port 8080", interface="eth1") as capture:
        traffic.answers(s2.lab.client, traffic.url(vip, 8080), 4)
    senders = {s2.lab.name_of(packet.src_mac) for packet in capture.from_port(vip, 8080)}
    receivers = {s2.lab.name_of(packet.dst_mac) for packet in capture.packets if packet.dst == vip}
    assert senders == {"real-server-1", "real-server-2"}
    assert receivers == {"director-1"}
    counters = ipvs.settled_statistics(s2.director)[f"TCP {ipvs.endpoint(vip, 8080)}"][""]
    assert (counters.out_packets, counters.out_bytes) == (0, 0) and counters.connections >= 4


def test_redirects_lead_back_to_the_address(s2: Session) -> None:
    where = traffic.url(s2.lab.vip(), 8080, "/redirect")
    assert traffic.http_get(s2.lab.client, where, "-L", "--max-redirs", "1").startswith("real-server-")


REDIRECT = """table inet accept_vip {{
  chain prerouting {{
    type nat hook prerouting priority dstnat
    ip daddr {v4} tcp dport 8080 redirect
    ip6 daddr {v6} tcp dport 8080 redirect
  }}
}}
"""


def standalone_servers(s2: Session) -> list[dict]:
    """The machines as servers that prepare themselves: an object for each address, and no agent."""
    return [{"apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
             "metadata": {"name": f"{server.name}-ipv{family}", "namespace": "shop", "labels": {"app": "web"}},
             "spec": {"address": server.address(family), "weight": 1}}
            for server in s2.lab.real_servers for family in (4, 6)]


def test_a_server_without_the_vip_accepts_by_redirect(s2: Session) -> None:
    """The variant without any address on lo: netfilter hands the VIP's packets to the server's own port."""
    for name in ("real-server-1", "real-server-2"):
        s2.manifests.delete("RealServer", name)
    s2.manifests.write("redirecting.yaml", *standalone_servers(s2))
    vips = {family: s2.lab.vip(family) for family in (4, 6)}
    for server in s2.lab.real_servers:
        wait_until(lambda at=server: not any(vip in " ".join(at.addresses("lo")) for vip in vips.values()),
                   f"{server.name} has no VIP on lo", 60)
        server.run("nft", "-f", "-", stdin=REDIRECT.format(v4=vips[4], v6=vips[6]))
    s2.settle(60)
    for family, vip in vips.items():
        for client in ("client", "inner-client"):
            answers = traffic.answers(s2.lab.machine(client), traffic.url(vip, 8080), 10)
            assert answers == {"real-server-1": 5, "real-server-2": 5}, (family, client)
