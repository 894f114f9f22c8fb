"""One cluster of three nodes for all tests: they follow each other like the days of a release."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import pytest

import nodes


@pytest.fixture(scope="session", name="cluster")
def _cluster() -> Iterator[nodes.Nodes]:
    why_not = nodes.missing()
    if why_not:
        pytest.skip(f"real nodes: this machine {why_not}")
    logs = pathlib.Path(os.environ["LVS_RESULTS"]).resolve() / "nodes"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="lvs-nodes.") as folder:
        running = nodes.Nodes(pathlib.Path(folder), logs)
        try:
            yield running.up()
        finally:
            running.down()
