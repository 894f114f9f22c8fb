"""S1: what others have put into the kernel survives us, from start to uninstall."""

from __future__ import annotations

from typing import Iterator, Self

import pytest

from conftest import results_root, without_persistence
from lab import ipvs
from lab.lab import Lab
from lab.machine import wait_until
from lab.session import Session

SERVICE = "-A -t 192.168.100.10:9999 -s lc -p 120\n"
DESTINATION = "-a -t 192.168.100.10:9999 -r 192.168.100.22:9999 -m -w 7\n"


class WithForeign(Session):
    """A session whose machines carry somebody else's settings before our programs start."""

    def __enter__(self) -> Self:
        up = self.lab.up

        def up_with_foreign() -> None:
            up()
            self.director.run("ipvsadm", "-R", stdin=SERVICE + DESTINATION)
            for server in self.lab.real_servers:
                server.run("ip", "addr", "add", "10.1.1.1/32", "dev", "lo")
                server.set_sysctl("net.ipv4.conf.eth0.arp_announce", 1)
                server.set_sysctl("net.ipv4.conf.all.arp_filter", 1)

        self.lab.up = up_with_foreign  # type: ignore[method-assign]
        return super().__enter__()


@pytest.fixture
def session() -> Iterator[Session]:
    with WithForeign(Lab("s1", results_root() / "s1_foreign"), without_persistence) as running:
        yield running


def foreign_is_there(session: Session) -> bool:
    saved = ipvs.save(session.director)
    on_lo = all("10.1.1.1/32" in server.addresses("lo") for server in session.lab.real_servers)
    filters = {server.sysctl("net.ipv4.conf.all.arp_filter") for server in session.lab.real_servers}
    return SERVICE in saved and DESTINATION in saved and on_lo and filters == {"1"}


def test_foreign_objects_survive(session: Session) -> None:
    assert foreign_is_there(session)
    session.product.agent(session.director).kill()
    for file in session.product.state_folder(session.director).rglob("*"):
        if file.is_file():
            file.unlink()
    session.product.start_agent(session.director)
    session.settle()
    assert foreign_is_there(session), "after the state files were lost"

    session.manifests.delete("VirtualService", "web")
    session.wait_for_table(SERVICE + DESTINATION)
    wait_until(lambda: session.fingerprints() == session.untouched, "addresses and sysctls are as before")
    assert foreign_is_there(session), "after everything of ours was deleted"


def test_foreign_objects_survive_the_uninstall(session: Session) -> None:
    """lvs-agent --cleanup on every node, with the service still wanted."""
    session.product.operator.stop()
    for machine in session.product.nodes:
        session.product.agent(machine).stop()
        session.product.clean_up(machine)
    session.wait_for_table(SERVICE + DESTINATION)
    assert session.fingerprints() == session.untouched
    assert foreign_is_there(session)
