"""S1 with checks through the VIP: they prove the service, the VIP on the server and the way there at once."""

from __future__ import annotations

import os
import re
import signal
from typing import Iterator

import pytest

from conftest import results_root, without_persistence
from lab import ipvs, servers
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session

CHECK = {"type": "HTTP", "path": "/health", "target": "InPath", "interval": "500ms", "timeout": "500ms", "rise": 2,
         "fall": 2}
LAME = "real-server-3"
FAMILIES = [4, 6]
ACCEPT = "net.ipv4.conf.eth0.accept_local"
# Of somebody else, with the first mark that we would take.
FOREIGN = "-A -f 1291845632 -s lc\n-a -f 1291845632 -r 192.168.100.22:0 -g -w 7\n"


def with_checks(manifests: Manifests) -> None:
    without_persistence(manifests)
    manifests.set_spec("VirtualService", "web", healthCheck=CHECK, drainTimeout="2s")


class WithForeign(Session):
    """Somebody else's firewall mark on one director, and accept_local on the other."""

    def before_agents(self) -> None:
        self.lab.machine("director-1").run("ipvsadm", "-R", stdin=FOREIGN)
        self.lab.machine("director-2").set_sysctl(ACCEPT, 1)


@pytest.fixture(scope="module")
def s1_running() -> Iterator[Session]:
    with WithForeign(Lab("s1", results_root() / "in_path"), with_checks) as session:
        yield session


@pytest.fixture
def s1(s1_running: Session) -> Iterator[Session]:
    """All servers healthy on both directors, before and after."""
    wait_for_weights(s1_running, [3, 2, 1])
    yield s1_running
    lame = s1_running.lab.machine(LAME)
    lame.set_sysctl("net.ipv4.ip_forward", 0)
    if not lame.processes["agent"].running():
        s1_running.product.start_agent(lame)
        s1_running.product.wait_for_agent(lame)
    stop_listening(lame)
    servers.start_nginx(lame, s1_running.lab.state / LAME)
    wait_for_weights(s1_running, [3, 2, 1])


def weights(session: Session, director: Machine, family: int) -> list[int]:
    """Of the three servers, as ipvsadm reads them."""
    key = "TCP " + ipvs.endpoint(session.lab.vip(family), 80)
    destinations = ipvs.table(director)[key].destinations
    return [destinations[name].weight for name in sorted(destinations)]


def wait_for_weights(session: Session, expected: list[int], families: list[int] | None = None) -> None:
    """On the holder, whose own address the VIP is, and on the standby alike."""
    for director in session.lab.directors:
        for family in families or FAMILIES:
            wait_until(lambda: weights(session, director, family) == expected,
                       f"weights {expected} of IPv{family} on {director.name}")


def stop_listening(machine: Machine) -> None:
    for pid in set(re.findall(r"pid=(\d+)", machine.run("ss", "-Hltnp", "sport = :80"))):
        os.kill(int(pid), signal.SIGKILL)
    wait_until(lambda: not servers.listening(machine, [80]), f"{machine.name} does not listen")


def without_vip(session: Session, family: int) -> Machine:
    """A server that nobody looks after has lost the VIP."""
    lame = session.lab.machine(LAME)
    session.product.agent(lame).kill()
    length = 32 if family == 4 else 128
    lame.run("ip", "addr", "del", f"{session.lab.vip(family)}/{length}", "dev", "lo")
    return lame


def wait_for_words(session: Session, *parts: str) -> None:
    """In `lvsctl status` and in `lvsctl explain`."""
    for command in (["status"], ["explain", LAME]):
        said: list[str] = []

        def complete() -> bool:
            said[:] = [" ".join(session.product.lvsctl(*command)[1].split())]
            return all(part in said[0] for part in parts)

        try:
            wait_until(complete, "", 120, 0.5)
        except TimeoutError:
            raise AssertionError(f"lvsctl {command[0]} does not say {parts}:\n{said[0]}") from None
    assert "listens on the VIP, port" not in said[0], "the check has answered that question"


def own_services(director: Machine) -> list[str]:
    """The firewall marks in the kernel that are not the foreign one."""
    return sorted(line for line in ipvs.save(director).splitlines() if " -f " in line and line not in FOREIGN)


def test_both_directors_ask_through_the_vip(s1: Session) -> None:
    for server in s1.lab.real_servers:
        asked = {(request.client, request.address) for request in servers.access_log(server)}
        for director in s1.lab.directors:
            for family in FAMILIES:
                assert (director.address(family), s1.lab.vip(family)) in asked, server.name
    for director in s1.lab.directors:
        assert len([line for line in own_services(director) if line.startswith("-A")]) == 6
    code, said = s1.product.lvsctl("status")
    assert code == 0, said


@pytest.mark.parametrize("family", FAMILIES)
def test_a_server_without_the_vip_is_named(s1: Session, family: int) -> None:
    lame = without_vip(s1, family)
    wait_for_weights(s1, [3, 2, 0], [family])
    vip, own = ipvs.endpoint(s1.lab.vip(family), 80), ipvs.endpoint(lame.address(family), 80)
    wait_for_words(s1, f"through {vip}: no answer within 500 ms",
                   f"on its own address {own} it answers: is the VIP on the server's lo?")


def test_a_server_without_the_vip_that_forwards_is_found_everywhere(s1: Session) -> None:
    """On a standby another server's answer, by way of the holder, would look like its own."""
    s1.lab.machine(LAME).set_sysctl("net.ipv4.ip_forward", 1)
    without_vip(s1, 4)
    wait_for_weights(s1, [3, 2, 0], [4])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_server_that_listens_on_its_own_address_only_is_named(s1: Session, family: int) -> None:
    lame = s1.lab.machine(LAME)
    stop_listening(lame)
    pages = s1.lab.state / "pages"
    pages.mkdir(exist_ok=True)
    (pages / "health").write_text("ok\n")
    lame.popen("own-web", "python3", "-m", "http.server", "80", "--bind", lame.address(family),
               "--directory", str(pages))
    wait_for_weights(s1, [3, 2, 0], [family])
    own = ipvs.endpoint(lame.address(family), 80)
    wait_for_words(s1, "Connection refused",
                   f"on its own address {own} it answers: it listens there only, not on the VIP")


def test_the_reason_follows_the_cause(s1: Session) -> None:
    """The server is down all the time; first it misses the VIP, then nobody listens at all."""
    lame = without_vip(s1, 4)
    wait_for_words(s1, "is the VIP on the server's lo?")
    stop_listening(lame)
    wait_for_words(s1, f"also on its own address {ipvs.endpoint(lame.address(4), 80)}: connecting: Connection refused")


def test_an_agents_restart_finds_its_marks_again(s1: Session) -> None:
    director = s1.lab.machine("director-2")
    before = own_services(director)
    s1.product.agent(director).kill()
    s1.product.start_agent(director)
    s1.product.wait_for_agent(director)
    s1.settle()
    assert own_services(director) == before
    assert weights(s1, director, 4) == [3, 2, 1]


def test_nobody_counts_them_as_services(s1: Session) -> None:
    for director in s1.lab.directors:
        assert not [name for name in s1.product.metrics(director) if "12918456" in name or "FWM" in name]
    s1.settle()  # lvsctl diff finds nothing to do
    assert "FWM" not in s1.product.lvsctl("status")[1]


def test_everything_is_gone_with_the_service(s1_running: Session) -> None:
    one, two = s1_running.lab.machine("director-1"), s1_running.lab.machine("director-2")
    assert one.sysctl(ACCEPT) == "1"
    s1_running.manifests.delete("VirtualService", "web")
    s1_running.wait_for_table(FOREIGN, one)
    wait_until(lambda: ipvs.save(two) == "", "no service is left")
    wait_until(lambda: one.sysctl(ACCEPT) == "0", "accept_local is as before")
    assert two.sysctl(ACCEPT) == "1"
