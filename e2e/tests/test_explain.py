"""`lvsctl explain SERVER` names what is wrong with a real server in one command, and what to do about it."""

from __future__ import annotations

import sys
from typing import Iterator

import pytest

from lab import servers
from lab.machine import Machine, wait_until
from lab.session import Session

CHECK = {"type": "TCP", "interval": "500ms", "timeout": "500ms", "rise": 1, "fall": 2}


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
        wait_for_answer(s1, "real-server-3", "has fd00:100::100", "on no interface", "Preparing")
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
    """A server whose program listens on its own address only."""
    server = s1.lab.machine("real-server-3")
    server.processes["nginx"].stop()
    server.popen("lonely", sys.executable, "-m", "http.server", "--bind", server.address(), "80")
    wait_until(lambda: servers.listening(server, [80]), "it listens")
    yield server
    server.processes["lonely"].kill()
    servers.start_nginx(server, s1.lab.state / server.name)


def test_what_no_check_sees_is_not_claimed(s1: Session, lonely: Machine) -> None:
    """The check asks the server's own address, and is passed; clients of the VIP are refused."""
    s1.manifests.set_spec("VirtualService", "web", vips=["192.168.100.100"], healthCheck=CHECK)
    s1.follow()
    code, said = explain(s1, lonely.name)
    assert code == 0 and "listens on the VIP, port 80" in said, said
    assert "not known  checks ask the server's own address" in said, said
    step = said.split("next:")[1]
    assert "`ss -ltnu sport = :80`" in step, said
    seen = lonely.run("ss", "-Hltnu", "sport", "=", ":80")
    assert f"{lonely.address()}:80" in seen and "0.0.0.0:80" not in seen, "what it tells to look for is there"


def test_a_failing_check(s1: Session) -> None:
    s1.manifests.set_spec("VirtualService", "web", vips=["192.168.100.100"], healthCheck={**CHECK, "port": 81})
    s1.manifests.set_spec("VirtualService", "web", failOpenPercent=100)
    said = wait_for_answer(s1, "real-server-2", "health of TCP 192.168.100.100:80", "Connection refused", "Down")
    assert "answers its check" in said.split("next:")[1], said
