"""A session whose resources live in a real API server, changed by kubectl.

The API server runs on the host, outside the guest; e2e/run-tests starts it and says where it is in
LVS_KUBECONFIG and LVS_KUBECTL.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from lab.lab import Lab
from lab.machine import run, wait_until
from lab.session import Session


class KubernetesSession(Session):
    """The manifests of the scenario are applied, and deleted again at the end."""

    def __init__(self, lab: Lab, prepare: Any = lambda _: None) -> None:
        super().__init__(lab, prepare)
        self.kubeconfig = Path(os.environ["LVS_KUBECONFIG"])

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        # Twice as fast in an emulated guest.
        go = ["env", "GOGC=400", "GODEBUG=cpu.all=off"]
        command = [*go, os.environ["LVS_KUBECTL"], "--kubeconfig", str(self.kubeconfig), *arguments]
        return run(command, stdin=stdin, check=check, timeout=600)

    def start_operator(self) -> None:
        for namespace in self.namespaces() - self._names("namespace"):
            self.kubectl("create", "namespace", namespace)
        self.apply()
        self.product.start_operator(kubeconfig=self.kubeconfig)

    def __exit__(self, *_: object) -> None:
        """Whoever comes next finds an API server without resources of ours."""
        if self.product.operator.running():  # it has to let them go
            self.kubectl("delete", "--ignore-not-found", "--timeout=30s", "-f", str(self.manifests.folder), check=False)
        super().__exit__(*_)

    def _names(self, kind: str) -> set[str]:
        return {name.split("/")[1] for name in self.kubectl("get", kind, "-o", "name").split()}

    def namespaces(self) -> set[str]:
        found = {item["metadata"].get("namespace", "") for item in self.manifests.objects()}
        return found - {""}

    def apply(self) -> None:
        """kubectl apply -f FOLDER, as the administrator does after editing a file."""
        self.kubectl("apply", "-f", str(self.manifests.folder))

    def condition(self, kind: str, namespace: str, name: str, condition: str) -> dict[str, Any]:
        """A condition of an object's status; empty when there is none."""
        found = json.loads(self.kubectl("get", kind, "-n", namespace, name, "-o", "json"))
        conditions = found.get("status", {}).get("conditions", [])
        return next((c for c in conditions if c["type"] == condition), {})

    def wait_for_condition(self, kind: str, namespace: str, name: str, condition: str, status: str = "True") -> None:
        wait_until(lambda: self.condition(kind, namespace, name, condition).get("status") == status,
                   f"{kind} {namespace}/{name}: {condition}={status}", 30, 0.5)
