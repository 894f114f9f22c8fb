"""The Debian package: installed, upgraded, removed and purged; and the agent under what its unit allows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

import pytest

from lab import traffic
from lab.lab import Lab
from lab.machine import run
from lab.product import ROOT
from lab.session import Session
from tests.conftest import results_root, without_persistence

BUILD = Path(os.environ.get("LVS_BUILD_DIR", ROOT / "build" / "dev"))
DEFAULTS = Path("/etc/default/lvs-agent")
UNITS = [Path("/usr/lib/systemd/system") / f"{name}.service" for name in ("lvs-agent", "lvs-operator")]
PROGRAMS = [Path("/usr/bin") / name for name in ("lvs-agent", "lvs-operator", "lvsctl", "kubectl-lvs")]
# As the unit's CapabilityBoundingSet and NoNewPrivileges.
LEAST = ["setpriv", "--bounding-set", "-all,+net_admin,+net_raw", "--no-new-privs"]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of `make package`, unless the programs are newer: making it in the guest takes minutes."""
    agent = BUILD / "agent" / "lvs-agent"
    for made in BUILD.glob("*.deb"):
        if made.stat().st_mtime > agent.stat().st_mtime:
            return made
    folder = tmp_path_factory.mktemp("package")
    run(["cpack", "-G", "DEB", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(folder)], timeout=600)
    return next(folder.glob("*.deb"))


@pytest.fixture(scope="module")
def installed(package: Path) -> Iterator[Path]:
    run(["dpkg", "-i", str(package)], timeout=300)
    yield package
    run(["dpkg", "--purge", "lvs-operator"], check=False, timeout=300)


def test_the_programs_and_units_are_there(installed: Path) -> None:
    for program in PROGRAMS:
        assert "0.1.0" in run([str(program), "--version"])
    said = run(["sh", "-c", "systemd-analyze verify --man=no " + " ".join(map(str, UNITS)) + " 2>&1"], timeout=300)
    assert "lvs-" not in said, said


@pytest.mark.parametrize("unit", ["lvs-agent", "lvs-operator"])
def test_the_programs_take_the_options_of_their_units(installed: Path, unit: str) -> None:
    text = next(path for path in UNITS if path.stem == unit).read_text()
    started = text.split("ExecStart=", 1)[1].split("$LVS_", 1)[0] + text.split("ExecStart=", 1)[1].split("\n\n")[0]
    known = run([f"/usr/bin/{unit}", "--help"])
    options = {word for word in started.split() if word.startswith("--")}
    assert len(options) >= 5
    assert {option for option in options if option not in known} == set()


def test_an_upgrade_keeps_the_configuration_and_a_purge_takes_all(installed: Path) -> None:
    DEFAULTS.write_text("LVS_AGENT_NODE=mine\n")
    run(["dpkg", "--force-confold", "-i", str(installed)], timeout=300)
    assert DEFAULTS.read_text() == "LVS_AGENT_NODE=mine\n"
    run(["dpkg", "-r", "lvs-operator"], timeout=300)
    assert not any(path.exists() for path in [*PROGRAMS, *UNITS])
    assert DEFAULTS.exists()
    run(["dpkg", "--purge", "lvs-operator"], timeout=300)
    assert not DEFAULTS.exists()


def test_two_capabilities_are_enough() -> None:
    lab = Lab("s1", results_root() / "least_privilege")
    session = Session(lab, without_persistence)
    session.product.agent_prefix = LEAST
    with session:
        status = Path(f"/proc/{session.product.agent(session.director).pid}/status").read_text()
        assert "CapBnd:\t0000000000003000" in status and "NoNewPrivs:\t1" in status, status
        for family in (4, 6):
            served = traffic.answers(lab.client, traffic.url(lab.vip(family), 80), 6)
            assert served == {"real-server-1": 3, "real-server-2": 2, "real-server-3": 1}
        answers = traffic.who_answers(lab.client, lab.vip(), 5)
        assert answers == {session.director.mac: 5}
        assert session.product.lvsctl("status")[0] == 0
