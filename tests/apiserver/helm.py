"""The chart under the real Helm 3, and what it rendered, by kind and name."""

import functools
import json
import os
import pathlib
import subprocess

import yaml

from control_plane import ROOT

CHART = ROOT / "helm/lvs-operator"
RELEASE = "lvs-operator"


@functools.cache
def program() -> pathlib.Path:
    """Helm 3; builds it on first use."""
    script = ROOT / "scripts/helm-asset.sh"
    done = subprocess.run([str(script)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed with status {done.returncode}; its messages are above")
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


class HelmError(RuntimeError):
    """What Helm said."""


def helm(*arguments, kubeconfig=os.devnull, folder: pathlib.Path | None = None) -> str:
    """Standard output; `folder` keeps its caches away from those of whoever runs the tests."""
    home = str(folder / "helm" if folder else "/nonexistent")
    homes = {name: home for name in ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
    done = subprocess.run([str(program()), *map(str, arguments)], capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "KUBECONFIG": str(kubeconfig), **homes})
    if done.returncode != 0:
        raise HelmError(done.stderr.strip())
    return done.stdout


def settings(values: dict) -> list[str]:
    """{"operator.replicas": 3} as Helm takes it."""
    return [word for name, value in values.items() for word in ("--set-json", f"{name}={json.dumps(value)}")]


def objects_of(text: str) -> dict[tuple[str, str], dict]:
    """The documents of a rendered chart by kind and name; two of one kind and name would be a mistake."""
    documents = [each for each in yaml.safe_load_all(text) if each]
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    assert len(found) == len(documents), "an object is there twice"
    return found


def template(*arguments, **values) -> dict[tuple[str, str], dict]:
    """`helm template` with `values`, in which "__" stands for the dot."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    return objects_of(helm("template", RELEASE, CHART, "--namespace", "lvs-system", *settings(named), *arguments))


def pod_of(objects: dict, kind: str, name: str) -> dict:
    return objects[kind, name]["spec"]["template"]["spec"]


def arguments_of(pod: dict) -> list[str]:
    """The one container's command line."""
    (container,) = pod["containers"]
    return [*container["command"], *container["args"]]
