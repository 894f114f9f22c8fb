"""S1: our programs die and come back while clients ask. The kernel goes on, and nothing is rewritten."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Iterator

import pytest

from lab import ipvs, traffic
from lab.ha import LIFETIME
from lab.machine import Machine, run, wait_until
from lab.session import Session
from lab.traffic import Load

KEY = "TCP 192.168.100.100:80"
START_WRITES = "lvs_agent_start_kernel_writes"


@pytest.fixture
def load(s1: Session) -> Iterator[Load]:
    """Requests all through the test; none of them may fail."""
    with Load(s1.lab.client, traffic.url(s1.lab.vip(), 80), concurrency=4, rate=20) as running:
        time.sleep(1)
        yield running
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert running.result.ok > 20


def restart_agent(s1: Session, machine: Machine) -> None:
    s1.product.agent(machine).kill()
    s1.product.start_agent(machine)
    s1.product.wait_for_agent(machine)


def start_writes(s1: Session, machine: Machine) -> float:
    """Writes of the last start, once the start is over."""
    wait_until(lambda: START_WRITES in s1.product.metrics(machine), "the agent has compared its kernel")
    return s1.product.metrics(machine)[START_WRITES]


def connections(director: Machine) -> dict[str, int]:
    """So far, by destination; a table that was made anew begins at 0."""
    return {address: counters.connections for address, counters in ipvs.settled_statistics(director)[KEY].items()}


def test_agents_killed(s1: Session, load: Load) -> None:
    director = s1.director
    saved = ipvs.save(director)
    before = connections(director)
    for machine in (director, s1.lab.machine("real-server-1")):
        restart_agent(s1, machine)
        assert start_writes(s1, machine) == 0
    assert ipvs.save(director) == saved
    after = connections(director)
    assert all(after[address] >= count > 0 for address, count in before.items()), (before, after)


def test_operator_killed(s1: Session, load: Load) -> None:
    director = s1.director
    saved = ipvs.save(director)
    s1.product.operator.kill()
    time.sleep(2)
    s1.product.restart_operator()
    s1.settle()
    assert ipvs.save(director) == saved


def test_everything_killed(s1: Session, load: Load) -> None:
    director = s1.director
    saved = ipvs.save(director)
    s1.product.operator.kill()
    for machine in s1.product.nodes:
        s1.product.agent(machine).kill()
    time.sleep(2)
    s1.product.start_agents()
    s1.product.restart_operator()
    s1.settle()
    assert ipvs.save(director) == saved
    assert [start_writes(s1, machine) for machine in s1.product.nodes] == [0] * len(s1.product.nodes)


def test_the_agent_starts_from_its_stored_plan(s1: Session) -> None:
    """No operator in sight, and a kernel that lost its table."""
    director = s1.director
    saved = ipvs.save(director)
    s1.product.operator.kill()
    s1.product.agent(director).kill()
    director.run("ipvsadm", "-C")
    s1.product.start_agent(director)
    s1.wait_for_table(saved, director)
    wait_until(s1.lab.held_by_one, "one director holds the VIP")
    s1.product.restart_operator()


def plan_files(s1: Session, machine: Machine) -> list[Path]:
    files = [path for path in s1.product.state_folder(machine).rglob("*") if path.is_file()]
    assert files, "the agent has stored no plan"
    return files


def tear(file: Path) -> None:
    """Half of it, as after a full disk."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def corrupt(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [tear, corrupt])
def test_a_damaged_plan_leaves_the_kernel_as_it_is(s1: Session, load: Load, damage: object) -> None:
    director = s1.director
    saved = ipvs.save(director)
    s1.product.operator.kill()
    s1.product.agent(director).kill()
    log_before = len(s1.product.agent(director).log.read_text())
    for file in plan_files(s1, director):
        damage(file)  # type: ignore[operator]
    s1.product.start_agent(director)
    s1.product.wait_for_agent(director)
    time.sleep(LIFETIME + 3)
    assert ipvs.save(director) == saved
    assert s1.lab.holder() == [director.name]
    assert "PlanCorrupt" in s1.product.lvsctl("status")[1]
    assert "plan" in s1.product.agent(director).log_text()[log_before:].lower()
    s1.product.restart_operator()
    s1.settle()
    assert ipvs.save(director) == saved


def in_trouble(s1: Session, words: str) -> None:
    """Waits until the operator says so, in its log and its metrics."""

    def told() -> bool:
        metrics = s1.product.operator_metrics().items()
        trouble = any(name.startswith("lvs_operator_source_trouble") and value == 1 for name, value in metrics)
        return trouble and words in s1.product.operator.log_text()

    wait_until(told, f'the operator says "{words}"', 60)


def test_a_folder_emptied_by_mistake_deletes_nothing(s1: Session, load: Load) -> None:
    director = s1.director
    saved = ipvs.save(director)
    aside = s1.lab.state / "aside"
    aside.mkdir()
    for file in s1.manifests.folder.glob("*.yaml"):
        file.rename(aside / file.name)
    in_trouble(s1, "no manifest is left, so nothing is deleted")
    time.sleep(2)
    assert ipvs.save(director) == saved
    assert s1.lab.holder() == [director.name]
    shutil.rmtree(aside)


def test_a_folder_that_vanishes_deletes_nothing(s1: Session, load: Load) -> None:
    """As when its file system is unmounted."""
    director = s1.director
    saved = ipvs.save(director)
    aside = s1.manifests.folder.with_name("away")
    s1.manifests.folder.rename(aside)
    in_trouble(s1, "nothing is deleted")
    time.sleep(2)
    assert ipvs.save(director) == saved
    aside.rename(s1.manifests.folder)
    s1.change("RealServer", "real-server-3", weight=2)
    assert ipvs.table(director)[KEY].destinations["192.168.100.23:80"].weight == 2


def test_a_folder_that_is_unmounted_deletes_nothing(s1: Session, load: Load) -> None:
    """The mount point beneath is there, with manifests that are older than the first real server."""
    director = s1.director
    saved = ipvs.save(director)
    folder, beneath = s1.manifests.folder, s1.manifests.folder.with_name("beneath")
    shutil.copytree(folder, beneath)
    s1.product.operator.stop()
    s1.manifests.delete("RealServer", "real-server-1")
    run(["mount", "-t", "tmpfs", "manifests", str(folder)])
    shutil.copytree(beneath, folder, dirs_exist_ok=True)
    s1.product.restart_operator()
    s1.settle()
    run(["umount", "--lazy", str(folder)])
    in_trouble(s1, "is on another file system than before (unmounted?), so nothing is deleted")
    time.sleep(2)
    assert ipvs.save(director) == saved
    assert s1.lab.holder() == [director.name]
    shutil.copytree(beneath, folder, dirs_exist_ok=True)
    s1.product.operator.stop()
    s1.product.restart_operator()
    s1.change("RealServer", "real-server-3", weight=2)
    assert ipvs.table(director)[KEY].destinations["192.168.100.23:80"].weight == 2
    shutil.rmtree(beneath)


def test_a_file_that_does_not_parse_keeps_its_objects(s1: Session, load: Load) -> None:
    director = s1.director
    saved = ipvs.save(director)
    (s1.manifests.folder / "real-servers.yaml").write_text("apiVersion: [\n")
    wait_until(lambda: "real-servers.yaml:" in s1.product.operator.log_text(), "the operator names file and line")
    time.sleep(2)
    assert ipvs.save(director) == saved
