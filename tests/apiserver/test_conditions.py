"""What tests/golden expects of the planner's diagnostics, `kubectl get -o json` shows as conditions.

One operator run for each folder of tests/golden/cases. Its expected.txt ends with a line per diagnostic:
  error VIPPortConflict manifests.yaml:20: VirtualService other/copy: spec.ports[0]: TCP port 80 of ...
What is wrong in one object alone (reason Invalid) the API server itself refuses, with the same message.
"""

import json
import pathlib
import re
import time
from typing import NamedTuple

import pytest
import yaml

import cluster as cluster_module
import objects
from api_client import ApiError
from control_plane import ROOT
from waiting import eventually

CASES = ROOT / "tests" / "golden" / "cases"
NODES = "/api/v1/nodes"
# Reasons of api.md that no planner knows: agents report them, see test_kernel_reasons.py.


class Diagnostic(NamedTuple):
    severity: str
    reason: str
    kind: str
    name: str  # namespace/name
    message: str  # with its field


def _diagnostics(case: pathlib.Path) -> list[Diagnostic]:
    text = (case / "expected.txt").read_text()
    lines = text.partition("# diagnostics\n")[2].splitlines()
    pattern = r"(\w+) (\w+) manifests\.yaml:\d+: (\w+) ([\w/.-]+): (.*)"
    return [Diagnostic(*re.fullmatch(pattern, line).groups()) for line in lines]


def _collection(manifest: dict) -> str:
    if manifest["kind"] == "Node":
        return NODES
    return objects.path(manifest["kind"], manifest["metadata"]["namespace"], fieldValidation="Strict")


@pytest.fixture(scope="module")
def bare_cluster(tmp_path_factory):
    running = cluster_module.Cluster(tmp_path_factory.mktemp("conditions"), die_with_parent=True)
    try:
        running.start()
        running.install_crds()
        for name in ("shop", "other"):
            running.admin.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        yield running
    finally:
        running.remove()


class Applied:
    """The manifests of a case at the API server, the oldest first."""

    def __init__(self, cluster, case: pathlib.Path):
        self._cluster = cluster
        self.refused: dict[tuple[str, str], str] = {}  # (kind, namespace/name) to what the server says
        manifests = list(yaml.safe_load_all((case / "manifests.yaml").read_text()))
        dated = sorted(manifests, key=lambda m: m["metadata"].get("creationTimestamp", ""))
        for manifest in dated:
            if manifest["metadata"].pop("creationTimestamp", None):
                time.sleep(1.1)  # the server's own have full seconds
            self._create(manifest)

    def _create(self, manifest: dict):
        key = (manifest["kind"], "/".join(manifest["metadata"].get(part, "") for part in ("namespace", "name")))
        try:
            self._cluster.admin.request("POST", _collection(manifest), manifest)
        except ApiError as error:
            self.refused[key] = str(error)

    def conditions(self) -> dict[tuple[str, str], dict]:
        """The condition Accepted of every object that has one, as kubectl shows it."""
        shown = json.loads(self._cluster.kubectl("get", "lvsvs,lvsrs", "--all-namespaces", "-o", "json").stdout)
        accepted = {}
        for item in shown["items"]:
            name = f"{item['metadata']['namespace']}/{item['metadata']['name']}"
            for condition in item.get("status", {}).get("conditions", []):
                if condition["type"] == "Accepted":
                    accepted[item["kind"], name] = condition
        return accepted

    def count(self) -> int:
        shown = self._cluster.kubectl("get", "lvsvs,lvsrs", "--all-namespaces", "-o", "name")
        return len(shown.stdout.splitlines())

    def delete(self):
        for kind in ("VirtualService", "RealServer"):
            for namespace in ("shop", "other"):
                self._cluster.admin.request("DELETE", objects.path(kind, namespace))
        self._cluster.admin.request("DELETE", NODES)


@pytest.fixture
def applied(bare_cluster, request):
    running = Applied(bare_cluster, request.param)
    yield running
    running.delete()


def _expected_condition(found: list[Diagnostic]) -> tuple[str, str, str]:
    """Status, reason, message: the errors, or without any the warnings. An empty service is programmed, but not accepted."""
    if not found:
        return ("True", "Accepted", "no rule is broken")
    errors = [d for d in found if d.severity == "error" or d.reason == "NoRealServers"]
    return ("False" if errors else "True", (errors or found)[0].reason, "; ".join(d.message for d in errors or found))


def _case_parameters():
    cases = sorted(case for case in CASES.iterdir() if case.is_dir())
    return [pytest.param(case, case, id=case.name) for case in cases]


@pytest.mark.parametrize("applied, case", _case_parameters(), indirect=["applied"])
def test_conditions_say_what_the_planner_says(isolated, bare_cluster, operator, applied, case):
    diagnostics = [d for d in _diagnostics(case) if d.kind != "Node"]
    for invalid in (d for d in diagnostics if d.reason == "Invalid"):
        assert invalid.message.split(": ", 1)[1] in applied.refused.pop((invalid.kind, invalid.name))
    assert applied.refused == {}
    operator(bare_cluster.kubeconfig)
    eventually(lambda: len(applied.conditions()) == applied.count(), "every object has the condition")
    for key, condition in applied.conditions().items():
        expected = _expected_condition([d for d in diagnostics if (d.kind, d.name) == key])
        assert (condition["status"], condition["reason"], condition["message"]) == expected, key


def test_every_reason_of_the_planner_has_a_case():
    """What core/ can say about an object, some golden case shows, and so the test above."""
    said = set()
    for source in (ROOT / "lib" / "core").glob("planner_*.cpp"):
        text = source.read_text()
        said |= set(re.findall(r'Severity::k(?:Error|Warning),\s+"(\w+)"', text))
    assert said, "the search finds what the planner says"
    shown = {d.reason for case in CASES.iterdir() if case.is_dir() for d in _diagnostics(case)}
    assert said - shown == set()
