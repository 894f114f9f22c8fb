"""lvsctl import keepalived: the table of the manifests is the table that keepalived itself makes."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from lab import ipvs
from lab.lab import Lab
from lab.machine import run, wait_until
from lab.product import binary
from tests.conftest import results_root

LVSCTL = binary("lvsctl")
SAMPLES = sorted(Path("/usr/share/doc/keepalived/samples").glob("keepalived.conf.*"))

SERVICE = """
virtual_server {vip} 80 {{
  delay_loop 1
  lb_algo wrr
  lb_kind DR
  persistence_timeout 60
  protocol TCP
{servers}
}}
"""
SERVER = "  real_server {address} 80 {{\n    weight {weight}\n  }}\n"


@pytest.fixture
def lab() -> Iterator[Lab]:
    running = Lab("s1", results_root() / "import")
    running.up()
    yield running
    running.down()


def keepalived_conf(lab: Lab) -> str:
    text = ""
    for family in (4, 6):
        servers = "".join(SERVER.format(address=machine.address(family), weight=weight)
                          for machine, weight in zip(lab.real_servers, (3, 2, 1)))
        text += SERVICE.format(vip=lab.vip(family), servers=servers)
    return text


def test_the_tables_of_both_are_the_same(lab: Lab) -> None:
    director = lab.machine("director-1")
    conf = lab.state / "keepalived.conf"
    conf.write_text(keepalived_conf(lab))
    keepalived = director.popen("keepalived", "keepalived", "-n", "-C", "-l", "-f", str(conf),
                                "-p", str(lab.state / "k.pid"), "-c", str(lab.state / "kc.pid"))
    wait_until(lambda: ipvs.save(director).count("\n") == 8, "keepalived has made its table", 120)
    theirs = sorted(ipvs.save(director).splitlines())
    keepalived.stop(timeout=30)

    services = lab.state / "services.yaml"
    services.write_text(run([LVSCTL, "import", "keepalived", str(conf)]))
    rendered = run([LVSCTL, "render", "--node", "director-1", str(services), str(lab.topology.manifests / "nodes.yaml")])
    assert sorted(rendered.splitlines()) == theirs
    director.run("ipvsadm", "-C")
    director.run("ipvsadm", "-R", stdin=rendered)
    assert sorted(ipvs.save(director).splitlines()) == theirs, "and ipvsadm takes it"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_sample_of_keepalived_is_read(sample: Path, tmp_path: Path) -> None:
    """What comes out is valid by itself, and the report tells of its lines."""
    out = run(["sh", "-c", f"{LVSCTL} import keepalived {sample} 2>{tmp_path}/report; [ $? -le 1 ]"])
    assert f"{sample}:" in (tmp_path / "report").read_text()
    if out:
        manifests = tmp_path / "manifests.yaml"
        manifests.write_text(out)
        found = run([LVSCTL, "validate", str(manifests)], check=False)
        assert "[Invalid]" not in found


def test_there_are_samples() -> None:
    assert len(SAMPLES) > 20
