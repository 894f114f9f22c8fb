"""deploy/prometheus/alerts.yaml: each alert fires when it shall, with the words that it shall have, and else not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alert_cases import CASES, Case, Series
from sources import ALERTS, ROOT, metrics_in, needs_promtool, page_series

RULES = {rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]}
SEVERITIES = {"critical", "warning"}


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)


def expanded(text: str, case: Case) -> str:
    text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: case.labels.get(found.group(1), ""), text)
    return text.replace("{{ $value }}", case.value)


def expected(case: Case) -> list[dict[str, Any]]:
    rule = RULES[case.alert]
    return [{"exp_labels": {**case.labels, **rule["labels"]},
             "exp_annotations": {name: expanded(text, case) for name, text in rule["annotations"].items()}}]


def unit_test(case: Case, series: Series, alerts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"interval": "30s", "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "alert_rule_test": [{"alertname": case.alert, "eval_time": case.at, "exp_alerts": alerts}]}


@needs_promtool
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_alert_fires_and_keeps_quiet(case: Case, tmp_path: Path) -> None:
    tests = {"rule_files": [str(ALERTS)], "evaluation_interval": "30s",
             "tests": [unit_test(case, case.fires, expected(case)), unit_test(case, case.quiet, [])]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(tests))
    done = promtool("test", "rules", str(tmp_path / "test.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_accepts_the_file() -> None:
    done = promtool("check", "rules", str(ALERTS))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_alert_says_what_and_where_to_read_on(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in SEVERITIES
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    page, anchor = rule["annotations"]["runbook_url"].split("#")
    assert f"## {name}" in (ROOT / page).read_text().splitlines() and anchor == name.lower()


@pytest.mark.parametrize("name", RULES)
def test_alert_uses_metrics_that_exist(name: str) -> None:
    assert metrics_in(RULES[name]["expr"]) <= page_series()
