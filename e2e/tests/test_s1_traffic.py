"""S1: three real servers answer through one address, each by itself."""

from __future__ import annotations

import pytest

from lab import ipvs, servers, traffic
from lab.session import Session

TABLE = """
-A -t 192.168.100.100:80 -s wrr
-a -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3
-a -t 192.168.100.100:80 -r 192.168.100.22:80 -g -w 2
-a -t 192.168.100.100:80 -r 192.168.100.23:80 -g -w 1
-A -t [fd00:100::100]:80 -s wrr
-a -t [fd00:100::100]:80 -r [fd00:100::21]:80 -g -w 3
-a -t [fd00:100::100]:80 -r [fd00:100::22]:80 -g -w 2
-a -t [fd00:100::100]:80 -r [fd00:100::23]:80 -g -w 1
"""


def test_both_directors_have_the_table_and_the_preferred_one_the_address(s1: Session) -> None:
    for director in s1.lab.directors:
        s1.wait_for_table(TABLE, director)
    assert s1.lab.holder(4) == s1.lab.holder(6) == ["director-1"]


@pytest.mark.parametrize("family", [4, 6])
def test_requests_follow_the_weights_over_whole_rounds(s1: Session, family: int) -> None:
    served = traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(family), 80), 60)
    assert served == {"real-server-1": 30, "real-server-2": 20, "real-server-3": 10}


@pytest.mark.parametrize("family", [4, 6])
def test_responses_go_straight_from_the_real_server_to_the_client(s1: Session, family: int) -> None:
    vip, key = s1.lab.vip(family), f"TCP {ipvs.endpoint(s1.lab.vip(family), 80)}"
    before = ipvs.settled_statistics(s1.director)[key][""].connections
    with s1.lab.capture("client", f"dsr-ipv{family}", "tcp port 80") as capture:
        traffic.answers(s1.lab.client, traffic.url(vip, 80), 12)

    counters = ipvs.statistics_after(s1.director, key, before + 12)[""]
    assert (counters.connections, counters.out_packets, counters.out_bytes) == (before + 12, 0, 0)
    responses = capture.from_port(vip, 80)
    senders = {s1.lab.name_of(packet.src_mac) for packet in responses}
    assert len(responses) >= 48 and senders == {"real-server-1", "real-server-2", "real-server-3"}


@pytest.mark.parametrize("family", [4, 6])
def test_the_servers_see_the_client_itself(s1: Session, family: int) -> None:
    vip = s1.lab.vip(family)
    traffic.answers(s1.lab.client, traffic.url(vip, 80), 6)
    for server in s1.lab.real_servers:
        seen = {request.client for request in servers.access_log(server) if request.address == vip}
        assert seen == {s1.lab.client.address(family)}


@pytest.mark.parametrize("family", [4, 6])
def test_only_the_director_answers_for_the_address(s1: Session, family: int) -> None:
    assert traffic.who_answers(s1.lab.client, s1.lab.vip(family), 100) == {s1.director.mac: 100}


def test_arping_and_ndisc6_agree(s1: Session) -> None:
    replies = s1.lab.client.run("arping", "-b", "-c", "3", "-I", "eth0", s1.lab.vip(4)).lower()
    assert replies.count(f"[{s1.director.mac}]") == replies.count("reply from") == 3
    # An announcement that comes just then counts as an answer, too.
    assert set(s1.lab.client.run("ndisc6", "-qm", s1.lab.vip(6), "eth0").lower().split()) == {s1.director.mac}


def test_real_servers_never_announce_the_address_when_they_ask(s1: Session) -> None:
    """arp_announce: a real server that answers a new client must not give itself away as the VIP."""
    for server in s1.lab.real_servers:
        server.run("ip", "neigh", "flush", "dev", "eth0")
    traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(), 80), 6)
    entry = s1.lab.client.run("ip", "neigh", "show", s1.lab.vip())
    assert s1.director.mac in entry
