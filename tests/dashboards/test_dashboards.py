"""deploy/grafana/*.json: Grafana can load them, every query parses and uses metrics and labels that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sources import (GRAFANA, TARGET_LABELS, dashboards, documented, labels_in, metrics_in, needs_promtool,
                     page_series, panels, with_all)

BOARDS = dashboards()
PANELS = [pytest.param(panel, id=f"{name}-{panel['title']}") for name, board in BOARDS.items() for panel in panels(board)]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
each_panel = pytest.mark.parametrize("panel", PANELS)


def labels_of(name: str) -> set[str]:
    rows = documented()
    base = name if name in rows else re.sub(r"_(bucket|sum|count)$", "", name)
    return {"component", "version"} if base == "lvs_build_info" else rows[base][1]


def test_files_are_what_their_source_says() -> None:
    done = subprocess.run([sys.executable, "-B", str(GRAFANA / "dashboards.py"), "--check"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout


def test_five_dashboards_with_names_of_their_own() -> None:
    assert {board["uid"] for board in BOARDS.values()} == {"lvs-overview", "lvs-service", "lvs-servers", "lvs-directors",
                                                           "lvs-operator"}
    assert len({board["title"] for board in BOARDS.values()}) == len(BOARDS)


@each_board
def test_grafana_can_import_it(board: dict[str, Any]) -> None:
    assert board["schemaVersion"] == 39 and "id" not in board
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    for name, variable in variables.items():
        if name != "datasource":
            assert variable["datasource"] == SOURCE and metrics_in(variable["definition"]) <= page_series()
    used = set(re.findall(r"\$(\w+)", " ".join(target["expr"] for panel in panels(board) for target in panel["targets"])))
    assert used - {"__rate_interval"} == set(variables) - {"datasource"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@each_board
def test_panels_lie_beside_each_other(board: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


@each_panel
def test_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".") and panel["fieldConfig"]["defaults"]["unit"]
    for part in (panel, *panel["targets"]):
        assert part["datasource"] == SOURCE


@each_panel
def test_queries_use_what_exists(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        names = metrics_in(target["expr"])
        assert names and names <= page_series(), target["expr"]
        labels = set().union(*map(labels_of, names)) | TARGET_LABELS | {"le"}
        assert labels_in(target["expr"]) <= labels, target["expr"]
        assert set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))) <= labels_in(target["expr"]) | labels


@needs_promtool
def test_every_query_parses(tmp_path: Path) -> None:
    """As recording rules: promtool says where one does not."""
    queries = [with_all(target["expr"]) for board in BOARDS.values() for panel in panels(board)
               for target in panel["targets"]]
    rules = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(queries)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", "--lint=none", str(tmp_path / "rules.yaml")],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
