"""What the API server refuses, lvsctl refuses from files, and the other way round: random manifests."""

import json
import os
import pathlib
import subprocess

from api_client import ApiError
from objects import path
from random_manifests import RandomManifests

COUNT = int(os.environ.get("LVS_PARITY_COUNT", "1000"))
SEED = int(os.environ.get("LVS_PARITY_SEED", "1"))


def _refused_by_apiserver(cluster, manifest: dict) -> str:
    """Why; empty when it is accepted."""
    query = {"dryRun": "All", "fieldValidation": "Strict"}
    try:
        cluster.admin.request("POST", path(manifest["kind"], "default", **query), manifest)
    except ApiError as error:
        assert error.code in (400, 422), error
        return str(error)
    return ""


def _refused_by_lvsctl(lvsctl: pathlib.Path, folder: pathlib.Path) -> dict[str, str]:
    """Why, by file name. What is wrong only beside other objects has a reason of its own."""
    done = subprocess.run([str(lvsctl), "validate", str(folder), "-o", "json"], capture_output=True, text=True,
                          check=False)
    refused: dict[str, str] = {}
    for finding in json.loads(done.stdout)["findings"]:
        if finding["severity"] == "error" and finding.get("reason", "Invalid") == "Invalid":
            name = pathlib.Path(finding["origin"].split(":")[0]).name
            refused[name] = refused.get(name, "") + finding["message"] + "\n"
    return refused


def test_random_manifests_meet_the_same_verdict(cluster, lvsctl, tmp_path):
    source, manifests = RandomManifests(SEED), {}
    for index in range(COUNT):
        manifest = source.next(f"x-{index:05}")
        manifests[f"x-{index:05}.yaml"] = manifest
        (tmp_path / f"x-{index:05}.yaml").write_text(json.dumps(manifest))  # JSON is YAML
    offline = _refused_by_lvsctl(lvsctl, tmp_path)
    online = {name: why for name, manifest in manifests.items() if (why := _refused_by_apiserver(cluster, manifest))}
    differ = [f"{json.dumps(manifests[name]['spec'])}\n  API server: {online.get(name, 'accepted')}\n"
              f"  lvsctl: {offline.get(name, 'accepted')}" for name in sorted(set(online) ^ set(offline))]
    assert not differ, f"seed {SEED}: {len(differ)} of {COUNT} differ\n" + "\n".join(differ[:10])
    assert COUNT / 5 < len(online) < COUNT * 4 / 5, "the random manifests try both sides"
