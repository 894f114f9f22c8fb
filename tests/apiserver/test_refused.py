"""Every case of tests/refused against the real API server."""

import pathlib

import pytest
import yaml

from api_client import ApiError
from cluster import ROOT
from objects import path

CASES = ROOT / "tests" / "refused"


class Case:
    def __init__(self, file: pathlib.Path):
        text = file.read_text()
        self.object = yaml.safe_load(text)
        lines = [line[2:] for line in text.splitlines() if line.startswith("# ")]
        marks = dict(line.split(": ", 1) if ": " in line else (line, "") for line in lines)
        self.accepted = "accepted" in marks
        self.message = marks.get("refused-apiserver", marks.get("refused"))
        self.old_file = marks.get("update-of")
        assert self.accepted != bool(self.message), f"{file.name} does not say what is expected"


def _send(cluster, method: str, namespace: str, manifest: dict, dry_run: bool) -> dict:
    name = manifest["metadata"]["name"] if method == "PUT" else ""
    query = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})}
    return cluster.admin.request(method, path(manifest["kind"], namespace, name, **query), manifest)


@pytest.mark.parametrize("file", sorted(CASES.glob("*.yaml")), ids=lambda file: file.stem)
def test_case(cluster, namespace, file):
    case = Case(file)
    method = "POST"
    if case.old_file:
        old = _send(cluster, "POST", namespace, Case(CASES / case.old_file).object, dry_run=False)
        case.object["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        method = "PUT"
    if case.accepted:
        _send(cluster, method, namespace, case.object, dry_run=True)
        return
    with pytest.raises(ApiError) as refused:
        _send(cluster, method, namespace, case.object, dry_run=True)
    assert refused.value.code in (400, 422)
    assert case.message in str(refused.value)


def test_every_rule_of_the_schemas_has_a_case():
    """A message that no case expects is a rule that nobody has tried."""
    expected = {Case(file).message for file in CASES.glob("*.yaml")}

    def messages(node):
        if isinstance(node, dict):
            for rule in node.get("x-kubernetes-validations", []):
                yield rule["message"]
            for child in node.values():
                yield from messages(child)
        elif isinstance(node, list):
            for child in node:
                yield from messages(child)

    crds = [yaml.safe_load(file.read_text()) for file in (ROOT / "crds").glob("*.yaml")]
    assert set(messages(crds)) - expected == set()
