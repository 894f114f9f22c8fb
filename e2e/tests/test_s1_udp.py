"""UDP through the VIP: every datagram of a new client port goes to the next server, straight back from it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Iterator

import pytest

import lab.udp_echo
from lab import ipvs
from lab.machine import wait_until
from lab.session import Session

ECHO = str(Path(lab.udp_echo.__file__))
PORT = 5353


@pytest.fixture
def with_udp(s1: Session) -> Iterator[Session]:
    s1.change("VirtualService", "web", ports=[
        {"name": "http", "protocol": "TCP", "port": 80}, {"name": "dns", "protocol": "UDP", "port": PORT}])
    servers = [machine.popen(f"udp{family}", sys.executable, ECHO, "serve", s1.lab.vip(family), str(PORT), machine.name)
               for machine in s1.lab.real_servers for family in (4, 6)]
    for machine in s1.lab.real_servers:
        wait_until(lambda each=machine: each.run("ss", "-Hlun").count(f":{PORT} ") == 2, f"{machine.name} listens")
    yield s1
    for server in servers:
        server.stop()


@pytest.mark.parametrize("family", [4, 6])
def test_datagrams_are_balanced_by_weight(with_udp: Session, family: int) -> None:
    session, vip = with_udp, with_udp.lab.vip(family)
    with session.lab.capture("client", f"udp{family}", f"udp port {PORT}") as captured:
        said = session.lab.client.run(sys.executable, ECHO, "ask", vip, str(PORT), "12")
    assert json.loads(said) == {"real-server-1": 6, "real-server-2": 4, "real-server-3": 2}
    senders = {session.lab.name_of(packet.src_mac) for packet in captured.from_port(vip, PORT)}
    assert senders == {machine.name for machine in session.lab.real_servers}
    key = f"UDP [{vip}]:{PORT}" if family == 6 else f"UDP {vip}:{PORT}"
    total = ipvs.statistics_after(session.director, key, 12)[""]
    assert (total.connections, total.out_packets) == (12, 0)
