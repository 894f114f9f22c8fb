"""A release of the chart on a real API server that logs every request, and its programs as processes."""

import base64
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

import yaml

import cluster as cluster_module
from helm import CHART, RELEASE, arguments_of, helm, settings

NAMESPACE = "lvs-system"
_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
           "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts:" + NAMESPACE]}, {"level": "None"}]}


class AuditedCluster(cluster_module.Cluster):
    """Without the CRDs: the chart brings them. Requests of the release's service accounts are logged."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(parents=True)
        policy, self._log = folder / "audit-policy.yaml", folder / "audit.log"
        policy.write_text(yaml.safe_dump(_POLICY))
        super().__init__(folder, die_with_parent=True,
                         extra_flags=(f"--audit-policy-file={policy}", f"--audit-log-path={self._log}"))

    def helm(self, command: str, *arguments, **values) -> str:
        """helm COMMAND for the release; `values` as in helm.template()."""
        named = {name.replace("__", "."): value for name, value in values.items()}
        return helm(command, RELEASE, *arguments, "--namespace", NAMESPACE, *settings(named),
                    kubeconfig=self.kubeconfig, folder=self.folder)

    def install(self, chart: pathlib.Path = CHART, **values):
        self.helm("install", chart, "--create-namespace", **values)
        self.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd",
                     "virtualservices.lvs-operator.io", "realservers.lvs-operator.io")

    def get(self, kind: str, name: str, namespace: str = NAMESPACE) -> dict:
        return json.loads(self.kubectl("-n", namespace, "get", kind, name, "-o", "json").stdout)

    def secret(self, name: str) -> dict[str, bytes]:
        return {key: base64.b64decode(value) for key, value in self.get("secret", name)["data"].items()}

    def requests_of(self, account: str) -> list[dict]:
        """Finished requests of a service account of the release, and watches that have begun."""
        user = f"system:serviceaccount:{NAMESPACE}:{account}"
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]
        return [line for line in lines if line["user"]["username"] == user]

    def kubeconfig_of(self, account: str) -> pathlib.Path:
        """As a pod of this service account would connect: with a token for it alone."""
        folder = self.folder / "accounts" / account
        folder.mkdir(parents=True, exist_ok=True)
        token = self.kubectl("-n", NAMESPACE, "create", "token", account).stdout.strip()
        (folder / "token").write_text(token)
        (folder / "kubeconfig").write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "pod",
            "clusters": [{"name": "pod", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                     "certificate-authority": str(self.authority.certificate)}}],
            "users": [{"name": "pod", "user": {"tokenFile": str(folder / "token")}}],
            "contexts": [{"name": "pod", "context": {"cluster": "pod", "user": "pod"}}]}))
        return folder / "kubeconfig"

    def mounted(self, pod: dict, folder: pathlib.Path) -> dict[str, str]:
        """Writes the pod's Secret volumes to files: where each of its mounts is on this machine."""
        places = {}
        mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        for volume in pod["volumes"]:
            place = folder / volume["name"]
            place.mkdir(parents=True)
            places[mounts[volume["name"]]] = str(place)
            for name, content in (self.secret(volume["secret"]["secretName"]) if "secret" in volume else {}).items():
                (place / name).write_bytes(content)
                (place / name).chmod(0o400)
        return places


def rules_of(cluster: AuditedCluster, account: str) -> set[tuple]:
    """(namespace or "*", group, resource, name or "*", verb) that Roles and ClusterRoles allow the account."""
    allowed = set()
    for kind, scope in (("clusterrolebinding", "*"), ("rolebinding", None)):
        for binding in json.loads(cluster.kubectl("get", kind, "-A", "-o", "json").stdout)["items"]:
            subjects = [(each["kind"], each["name"]) for each in binding.get("subjects", [])
                        if each.get("namespace") == NAMESPACE]
            if ("ServiceAccount", account) not in subjects:
                continue
            place = scope or binding["metadata"]["namespace"]
            role = cluster.get(binding["roleRef"]["kind"], binding["roleRef"]["name"], place if scope is None else NAMESPACE)
            allowed |= {(place, group, resource, name, verb) for rule in role["rules"]
                        for group in rule["apiGroups"] for resource in rule["resources"]
                        for name in rule.get("resourceNames", ["*"]) for verb in rule["verbs"]}
    return allowed


def covers(rule: tuple, request: dict) -> bool:
    """Does the rule allow the request of the audit log?"""
    target = request["objectRef"]
    resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
    wanted = (target.get("namespace", "*"), target.get("apiGroup", ""), resource, target.get("name", "*"), request["verb"])
    return all(allowed in ("*", asked) for allowed, asked in zip(rule, wanted))


class Program:
    """A container's command as a process of this machine. `changed`: options whose values are other here."""

    def __init__(self, binary: pathlib.Path, pod: dict, places: dict[str, str], changed: dict[str, str],
                 log: pathlib.Path, before=(), more=()):
        self._log = log
        arguments = arguments_of(pod)[1:]
        names = [each.split("=")[0] for each in arguments]
        assert set(changed) <= set(names), f"{set(changed) - set(names)} of {names}"
        command = [*before, str(binary), *(self._here(each, places, changed) for each in arguments), *more]
        with open(log, "ab") as out:
            self._process = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={"PATH": os.environ["PATH"]})

    @staticmethod
    def _here(argument: str, places: dict[str, str], changed: dict[str, str]) -> str:
        name, _, value = argument.partition("=")
        if name in changed:
            return f"{name}={changed[name]}"
        for mount, place in places.items():
            if value.startswith(mount):
                return f"{name}={place}{value.removeprefix(mount)}"
        return argument

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> int:
        self._process.terminate()
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def answer(address: str, path: str) -> tuple[int, str]:
    """Status and body of a plain HTTP request; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
