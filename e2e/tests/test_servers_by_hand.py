"""One real server in the administrator's hands: `lvsctl explain` and `drain`, and the annotations that force it."""

from __future__ import annotations

import re
import sys
from typing import Iterator

import pytest

from lab import ipvs, servers, traffic
from lab.machine import Machine, Process, wait_until
from lab.session import Session

CHECK = {"type": "TCP", "interval": "500ms", "timeout": "500ms", "rise": 1, "fall": 2}

# Six connections that stay, and end by a reset: the director forgets those in seconds.
HOLD = """
import signal, socket, struct, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
held = [socket.create_connection((sys.argv[1], 80)) for _ in range(6)]
for each in held:
    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
print("connected", flush=True)
signal.sigwait({signal.SIGTERM})
"""


def explain(s1: Session, server: str) -> tuple[int, str]:
    return s1.product.lvsctl("explain", server)


def wait_for_answer(s1: Session, server: str, *parts: str) -> str:
    """Until the explanation is a no and has all parts; what it says then."""
    said: list[str] = []

    def complete() -> bool:
        code, text = explain(s1, server)
        said[:] = [text]
        return code == 1 and all(part in text for part in parts)

    try:
        wait_until(complete, "", 120, 0.5)
    except TimeoutError:
        raise AssertionError(f"explain {server} does not say {parts}:\n{said[0]}") from None
    return said[0]


def test_a_server_that_serves(s1: Session) -> None:
    code, said = explain(s1, "real-server-2")
    assert code == 0, said
    assert "gets new connections\n" in said and "problem" not in said, said
    assert "eth0: arp_ignore 1, arp_announce 2" in said, said
    print(said)


def test_a_wrong_arp_setting(s1: Session) -> None:
    server = s1.lab.machine("real-server-2")
    server.set_sysctl("net.ipv4.conf.all.arp_ignore", 4)
    try:
        said = wait_for_answer(s1, "real-server-2", "[WrongArpSetting]", "all: arp_ignore 4", "Preparing")
        assert "find what sets net.ipv4.conf.all" in said.split("next:")[1], said
        print(said)
    finally:
        server.set_sysctl("net.ipv4.conf.all.arp_ignore", 0)
    wait_until(lambda: explain(s1, "real-server-2")[0] == 0, "it serves again", 120, 0.5)


def test_a_server_without_the_vip(s1: Session) -> None:
    """The kernel does not take the address: lo has no IPv6."""
    server = s1.lab.machine("real-server-3")
    server.set_sysctl("net.ipv6.conf.lo.disable_ipv6", 1)
    try:
        wait_for_answer(s1, "real-server-3", "prepared for fd00:100::100", "on no interface", "Preparing")
    finally:
        server.set_sysctl("net.ipv6.conf.lo.disable_ipv6", 0)
    wait_until(lambda: explain(s1, "real-server-3")[0] == 0, "it serves again", 120, 0.5)


def test_a_server_on_another_segment(s1: Session) -> None:
    s1.manifests.write("far.yaml", {
        "apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
        "metadata": {"name": "far", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"address": "198.51.100.7"}})
    said = wait_for_answer(s1, "far", "through a gateway or not at all from director-1, director-2", "NotOnLink")
    assert "Tunnel" in said.split("next:")[1], said
    code, said = s1.product.lvsctl("status")
    assert code == 1 and re.search(r"far .* NotOnLink ", said) and "(far): director-1 reaches it through" in said, said


@pytest.fixture
def clients(s1: Session) -> Iterator[Process]:
    """Connections to all servers."""
    holding = s1.lab.client.popen("holding", sys.executable, "-c", HOLD, s1.lab.vip())
    wait_until(lambda: "connected" in holding.log_text(), "the client is connected")
    yield holding
    holding.stop()


def test_a_drain_shows_what_is_left(s1: Session, clients: Process) -> None:
    code, said = s1.product.lvsctl("drain", "real-server-1")
    assert code == 1 and "Set `drain: true` under spec of RealServer shop/real-server-1" in said, said
    s1.change("RealServer", "real-server-1", drain=True)
    code, said = s1.product.lvsctl("drain", "real-server-1", "--wait", "1s")
    assert code == 1 and re.search(r"real-server-1: 3 active and \d+ inactive connections are left", said), said
    assert "it stays drained" in said, said
    print(said)
    clients.stop()
    code, said = s1.product.lvsctl("drain", "real-server-1", "--wait", "240s")
    assert code == 0 and "is drained: no connection is left" in said, said
    print(said)
    s1.change("RealServer", "real-server-1", drain=False)
    code, said = s1.product.lvsctl("undrain", "real-server-1")
    assert code == 0 and "gets new connections again" in said, said


def test_a_drained_server(s1: Session) -> None:
    s1.change("RealServer", "real-server-1", drain=True)
    said = wait_for_answer(s1, "real-server-1", "spec.drain is true", "Draining")
    assert "set spec.drain to false (" in said.split("next:")[1], said


def test_an_agent_that_does_not_answer(s1: Session) -> None:
    server = s1.lab.machine("real-server-2")
    s1.product.agent(server).kill()
    code, said = explain(s1, "real-server-2")
    assert code == 3 and "does not answer" in said and "systemctl status lvs-agent" in said, said
    s1.product.start_agent(server)
    s1.product.wait_for_agent(server)
    wait_until(lambda: explain(s1, "real-server-2")[0] == 0, "it is known again", 120, 0.5)


@pytest.fixture
def lonely(s1: Session) -> Iterator[Machine]:
    """A server whose programs listen on its own addresses only."""
    server = s1.lab.machine("real-server-3")
    server.processes["nginx"].stop()
    for family in (4, 6):
        server.popen(f"lonely-{family}", sys.executable, "-m", "http.server", "--bind", server.address(family), "80")
    wait_until(lambda: server.run("ss", "-Hltn", "sport", "=", ":80").count(":80 ") == 2, "both listen")
    yield server
    for family in (4, 6):
        server.processes[f"lonely-{family}"].kill()
    servers.start_nginx(server, s1.lab.state / server.name)


def test_what_no_check_sees_is_not_claimed(s1: Session, lonely: Machine) -> None:
    """The check asks the server's own address, and is passed; clients of the VIP are refused."""
    s1.manifests.set_spec("VirtualService", "web", healthCheck=CHECK)
    said = ""

    def passes() -> bool:
        nonlocal said
        code, said = explain(s1, lonely.name)
        return code == 0 and "passes TCP on port 80" in said

    wait_until(passes, "it passes its check", 120, 0.5)
    assert "listens on the VIP, port 80" in said, said
    assert "not known  checks ask the server's own address" in said, said
    step = said.split("next:")[1]
    assert "`ss -ltnu sport = :80`" in step, said
    seen = lonely.run("ss", "-Hltnu", "sport", "=", ":80")
    assert f"{lonely.address()}:80" in seen and "0.0.0.0:80" not in seen, "what it tells to look for is there"


def test_a_failing_check(s1: Session) -> None:
    s1.manifests.set_spec("VirtualService", "web", healthCheck={**CHECK, "port": 81}, failOpenPercent=100)
    said = wait_for_answer(s1, "real-server-2", "health of TCP 192.168.100.100:80", "Connection refused", "Down")
    assert "answers its check" in said.split("next:")[1], said


def force(s1: Session, server: str, to: str) -> None:
    s1.manifests.edit("RealServer", server,
                      lambda document: document["metadata"].update(annotations={"lvs-operator.io/force": to}))


def weights(s1: Session) -> list[int]:
    destinations = ipvs.table(s1.director)["TCP 192.168.100.100:80"].destinations
    return [destinations[name].weight for name in sorted(destinations)]


def test_a_server_is_forced_down(s1: Session) -> None:
    force(s1, "real-server-2", "down")
    said = wait_for_answer(s1, "real-server-2", "forced down until it is taken back", "ForcedDown")
    print(said)
    assert weights(s1) == [3, 0, 1]
    assert "real-server-2" not in traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(), 80), 8)
    out = [name for name in s1.product.metrics(s1.director) if name.startswith("lvs_agent_destination_out")]
    assert any('"192.168.100.22:80"' in name and '"ForcedDown"' in name for name in out), out
    assert "ForcedDown" in s1.product.lvsctl("status")[1]


def test_a_server_is_forced_up(s1: Session) -> None:
    """Its check fails, as everybody's."""
    s1.manifests.set_spec("VirtualService", "web", healthCheck={**CHECK, "port": 81},
                          failOpenPercent=100)
    wait_until(lambda: weights(s1) == [0, 0, 0], "all are out", 120)
    force(s1, "real-server-2", "up")
    wait_until(lambda: weights(s1) == [0, 2, 0], "one is in", 120)
    assert set(traffic.answers(s1.lab.client, traffic.url(s1.lab.vip(), 80), 4)) == {"real-server-2"}
    assert "ForcedUp" in s1.product.lvsctl("status")[1]
    assert "forced up until it is taken back" in explain(s1, "real-server-2")[1]
