"""What the tests of this folder read: docs/metrics.md, the dashboards, the alerts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
GRAFANA = ROOT / "deploy" / "grafana"

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"),
                                    reason="promtool is not here: run scripts/setup.sh build")

_ROW = re.compile(r"^\| `(lvs_\w+)` \| (counter|gauge|histogram) \| ([^|]*) \|", re.MULTILINE)
TARGET_LABELS = {"instance", "job"}  # Prometheus adds them


def documented() -> dict[str, tuple[str, set[str]]]:
    """Each metric of docs/metrics.md: its type and labels."""
    rows: dict[str, tuple[str, set[str]]] = {}
    for name, kind, labels in _ROW.findall((ROOT / "docs" / "metrics.md").read_text()):
        rows[name] = (kind, {label.strip() for label in labels.split(",") if label.strip()})
        if name.startswith("lvs_agent_"):
            rows[name][1].add("node")
    return rows


def page_series() -> set[str]:
    """The names as they are on the page /metrics."""
    names = {"lvs_build_info"}
    for name, (kind, _) in documented().items():
        names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def metrics_in(expr: str) -> set[str]:
    return set(re.findall(r"\blvs_\w+", re.sub(r'"[^"]*"', "", expr)))


def labels_in(expr: str) -> set[str]:
    """The label names in matchers and in by, on, group_left."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expr)
    names = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"\"", bare))
    for inside in re.findall(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)", bare):
        names |= {name.strip() for name in inside.split(",") if name.strip()}
    return names


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.name: json.loads(path.read_text()) for path in sorted(GRAFANA.glob("*.json"))}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (panel for panel in board["panels"] if panel["type"] != "row")


def with_all(expr: str, window: str = "1m") -> str:
    """The query as Grafana sends it when every variable says All."""
    return re.sub(r"\$(node|service|instance)\b", ".*", expr).replace("$__rate_interval", window)
