"""Fixtures of the lab's tests. They run as root on a kernel with IPVS: see e2e/lab.mk."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Generator, Iterator

import pytest

from lab.lab import Lab
from lab.manifests import Manifests
from lab.session import Session


def results_root() -> Path:
    return Path(os.environ.get("LVS_RESULTS", "/tmp/lvs-results")) / "lab"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """A failed test leaves the state of every machine beside the logs, and says where."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "teardown" or not report.failed:
        return
    for value in getattr(item, "funcargs", {}).values():
        lab = value if isinstance(value, Lab) else getattr(value, "lab", None)
        if isinstance(lab, Lab):
            folder = lab.dump(re.sub(r"\W+", "-", item.name))
            report.sections.append(("lab", f"state of every machine: {folder}\nlogs: {lab.results}"))
            return


def without_persistence(manifests: Manifests) -> None:
    """S1 as users copy it keeps a client with its server; counting rounds needs it off."""
    manifests.set_spec("VirtualService", "web", persistence=None, drainTimeout="2s")


@pytest.fixture(scope="module")
def s1_running(request: pytest.FixtureRequest) -> Iterator[Session]:
    """S1 from a folder of manifests, without persistence. One for all tests of a file."""
    with Session(Lab("s1", results_root() / request.module.__name__), without_persistence) as session:
        yield session


@pytest.fixture
def s1(s1_running: Session) -> Iterator[Session]:
    """The same, its manifests put back after every test."""
    yield s1_running
    s1_running.reset()
