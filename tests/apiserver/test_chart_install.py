"""The chart on a real API server with RBAC: what becomes of a release, and what its accounts may and do."""

import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

import objects
from chart_release import NAMESPACE, AuditedCluster, Program, answer, covers, rules_of
from conftest import built
from control_plane import free_ports
from helm import CHART
from test_leases import LeaseProbe
from waiting import eventually

SECRETS = ["lvs-operator-ca", "lvs-operator-tls", "lvs-operator-agent-tls", "lvs-operator-heartbeat"]
CRDS = {"customresourcedefinition.apiextensions.k8s.io/realservers.lvs-operator.io",
        "customresourcedefinition.apiextensions.k8s.io/virtualservices.lvs-operator.io"}
SERVICE = "192.0.2.100:80"


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    running = AuditedCluster(tmp_path_factory.mktemp("chart") / "cluster")
    try:
        yield running.start()
    finally:
        print(running.log_tail())
        running.remove()


def _cluster_scoped(cluster) -> set[str]:
    shown = cluster.kubectl("get", "crds,clusterroles,clusterrolebindings,priorityclasses,apiservices,persistentvolumes,"
                            "validatingwebhookconfigurations,mutatingwebhookconfigurations", "-o", "name").stdout
    return {line for line in shown.splitlines() if not line.startswith("apiservice.")}


def _older(folder: pathlib.Path) -> pathlib.Path:
    """The chart as it could have been: its CRDs lack something."""
    shutil.copytree(CHART, folder)
    for file in (folder / "files/crds").iterdir():
        file.write_text(file.read_text().replace("    categories: [lvs]\n", ""))
    chart = folder / "Chart.yaml"
    chart.write_text(re.sub(r"(?m)^version: .*", "version: 0.0.1", chart.read_text()))
    return folder


def _log_level(cluster) -> str:
    arguments = cluster.get("deployment", "lvs-operator")["spec"]["template"]["spec"]["containers"][0]["args"]
    return next(each for each in arguments if each.startswith("--log-level"))


def _categories(cluster) -> list[str]:
    return cluster.get("crd", "virtualservices.lvs-operator.io")["spec"]["names"].get("categories", [])


def test_a_release_is_installed_upgraded_rolled_back_and_uninstalled(audited, tmp_path):
    before = _cluster_scoped(audited)
    audited.install(_older(tmp_path / "older"))
    secrets = {name: audited.secret(name) for name in SECRETS}
    assert _categories(audited) == []
    audited.kubectl("apply", "-n", "default", "-f", "-", stdin=yaml.safe_dump(objects.virtual_service()))

    audited.helm("upgrade", CHART, operator__logLevel="debug")
    assert _log_level(audited) == "--log-level=debug"
    assert _categories(audited) == ["lvs"], "an upgrade brings the CRDs of its chart"
    assert {name: audited.secret(name) for name in SECRETS} == secrets, "certificates and keys are kept"

    audited.kubectl("-n", NAMESPACE, "delete", "secret", "lvs-operator-tls")
    audited.helm("upgrade", CHART, operator__logLevel="debug")
    renewed = {name: audited.secret(name) for name in SECRETS}
    assert [name for name in SECRETS if renewed[name] != secrets[name]] == ["lvs-operator-tls"]

    audited.helm("rollback", "1")
    assert _log_level(audited) == "--log-level=info"
    assert audited.secret("lvs-operator-ca") == secrets["lvs-operator-ca"]

    audited.helm("uninstall")
    assert _cluster_scoped(audited) - before == CRDS
    left = audited.kubectl("-n", NAMESPACE, "get", "all,secrets,roles,rolebindings,serviceaccounts,poddisruptionbudgets,leases",
                           "-o", "name").stdout
    assert left == ""
    assert audited.get("lvsvs", "web", "default"), "resources outlive the release"
    audited.kubectl("delete", "-n", "default", "lvsvs", "web")


def test_the_generated_certificates_are_what_the_programs_demand(release, tmp_path):
    key = release.secret("lvs-operator-heartbeat")["heartbeat.key"].decode()
    assert re.fullmatch(r"1:[0-9a-f]{64}\n", key)
    for secret, name, purpose in (("lvs-operator-tls", "lvs-operator", "sslclient"),
                                  ("lvs-operator-agent-tls", "lvs-agent", "sslserver")):
        for file, content in release.secret(secret).items():
            (tmp_path / file).write_bytes(content)
        checked = subprocess.run(["openssl", "verify", "-CAfile", tmp_path / "ca.crt", "-purpose", purpose,
                                  "-verify_hostname", name, tmp_path / "tls.crt"],
                                 capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    assert set(release.secret("lvs-operator-tls")) == {"ca.crt", "tls.crt", "tls.key"}, "not the CA's key"


@pytest.fixture(scope="module")
def release(audited):
    """Installed; the operator's Lease is renewed often, so that a test sees it."""
    audited.install(operator__leaseSeconds=2)
    yield audited
    audited.helm("uninstall")


class Running:
    """The release's operator and agents as processes, stopped at the end."""

    def __init__(self, cluster: AuditedCluster, folder: pathlib.Path):
        self.cluster, self._folder = cluster, folder
        self._programs: list[Program] = []

    def _start(self, name: str, binary, pod: dict, places: dict, changed: dict, **options) -> Program:
        self._programs.append(Program(binary, pod, places, changed, self._folder / f"{name}.log", **options))
        return self._programs[-1]

    def operator(self, name: str = "operator") -> tuple[Program, str, str]:
        """The program, where it serves health, and where metrics."""
        pod = self.cluster.get("deployment", "lvs-operator")["spec"]["template"]["spec"]
        health, metrics = (f"127.0.0.1:{port}" for port in free_ports(2))
        account = self.cluster.kubeconfig_of(pod["serviceAccountName"])
        return self._start(name, built("LVS_OPERATOR", "operator/lvs-operator"), pod,
                           self.cluster.mounted(pod, self._folder / name),
                           {"--health-listen": health, "--metrics-listen": metrics},
                           more=["--kubeconfig", str(account)]), health, metrics

    def agent(self, node: str, number: int, binary, before=(), more=()) -> tuple[Program, str, str]:
        """On 127.0.9.NUMBER, and its Node object. The same as for operator()."""
        pod = self.cluster.get("daemonset", "lvs-operator-agent")["spec"]["template"]["spec"]
        address = f"127.0.9.{number}"
        api, health, metrics = free_ports(3)
        self.cluster.admin.request("POST", "/api/v1/nodes", {
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": node, "labels": {"lvs-operator.io/director": "true"},
                         "annotations": {"lvs-operator.io/agent-port": str(api)}},
            "status": {"addresses": [{"type": "InternalIP", "address": address}]}})
        changed = {"--node": node, "--listen": f"{address}:{api}", "--health-listen": f"127.0.0.1:{health}",
                   "--metrics-listen": f"127.0.0.1:{metrics}", "--proc-sys-net": "/proc/sys/net"}
        program = self._start(node, binary, pod, self.cluster.mounted(pod, self._folder / node), changed,
                              before=before, more=more)
        return program, f"127.0.0.1:{health}", f"127.0.0.1:{metrics}"

    def stop(self):
        for program in self._programs:
            program.stop()
            print("---", *program.log().splitlines()[-60:], sep="\n")  # shown when the test failed
        self.cluster.admin.request("DELETE", "/api/v1/nodes")


@pytest.fixture
def running(release, tmp_path):
    processes = Running(release, tmp_path)
    yield processes
    processes.stop()


def _compare(cluster, account: str):
    """Nothing was refused, everything that was asked for is allowed, and everything allowed was asked for."""
    requests, allowed = cluster.requests_of(account), rules_of(cluster, account)
    told = [f"{each['verb']} {each['requestURI']}" for each in requests if each["responseStatus"]["code"] in (401, 403)]
    assert told == [], "refused"
    unused = {rule for rule in allowed if not any(covers(rule, each) for each in requests)}
    assert unused == set(), "allowed and never used"
    assert all(any(covers(rule, each) for rule in allowed) for each in requests)


def test_the_operator_does_its_work_with_exactly_the_rights_that_it_has(release, running, tmp_path):
    program, health, metrics = running.operator()
    eventually(lambda: answer(health, "/readyz")[0] == 200, "ready")
    assert answer(health, "/healthz") == (200, "ok\n")
    record = tmp_path / "record"
    record.touch()
    memory = built("LVS_MEMORY_AGENT", "tests/apiserver/memory_agent")
    wrapper = tmp_path / "memory_agent"  # its own arguments come first
    wrapper.write_text(f'#!/bin/sh\nexec {memory} {record} 192.0.2.11/24 - "$@"\n')
    wrapper.chmod(0o755)
    running.agent("director-1", 11, wrapper)
    for manifest in (objects.virtual_service(), objects.standalone_server("rs-1", "192.0.2.21", weight=3)):
        release.kubectl("apply", "-n", "default", "-f", "-", stdin=yaml.safe_dump(manifest))
    eventually(lambda: f"-a -t {SERVICE} -r 192.0.2.21:80 -g -w 3" in record.read_text(), "the director's kernel has it")

    def status(kind: str, name: str) -> dict:
        return release.get(kind, name, "default").get("status", {})

    eventually(lambda: status("lvsvs", "web").get("vips", [{}])[0].get("holder") == "director-1", "the status says so")
    eventually(lambda: status("lvsrs", "rs-1").get("conditions"), "the server's, too")
    eventually(lambda: "VIPTaken" in release.kubectl("-n", "default", "get", "events").stdout, "the Event")
    eventually(lambda: "lvs-operator" in release.kubectl("-n", NAMESPACE, "get", "leases").stdout, "it leads")
    assert "lvs_operator_term 1" in answer(metrics, "/metrics")[1]

    _, second, _ = running.operator("second")
    eventually(lambda: answer(second, "/readyz")[0] == 200, "one that waits is ready")
    assert program.stop() == 0
    eventually(lambda: release.get("lease", "lvs-operator")["spec"]["leaseTransitions"] == 2, "the other one leads")
    eventually(lambda: _is_renewed(release), "it renews the Lease")
    _compare(release, "lvs-operator")
    release.kubectl("delete", "-n", "default", "lvsvs,lvsrs", "--all")


def _is_renewed(cluster) -> bool:
    spec = cluster.get("lease", "lvs-operator")["spec"]
    return spec["renewTime"] > spec["acquireTime"]


def test_the_agents_do_their_work_with_exactly_the_rights_that_they_have(release):
    account = release.kubeconfig_of("lvs-operator-agent")
    with LeaseProbe(account, NAMESPACE, "director-1") as probe:
        assert probe.ask("read 192.0.2.1", "seen 192.0.2.1")[2] == "-"
        granted = probe.ask("claim 192.0.2.1 1", "granted 192.0.2.1")
        probe.ask(f"claim 192.0.2.1 2 {granted[4]}", "granted 192.0.2.1")
        for number in range(100):  # many at once are one list
            probe.send(f"read 192.0.2.{number}")
        eventually(lambda: any(each["verb"] == "list" for each in release.requests_of("lvs-operator-agent")), "a list")
        probe.ask("renew director-2", "director director-2")
    _compare(release, "lvs-operator-agent")


STOLEN = [("get", "secrets", NAMESPACE), ("list", "secrets", "default"), ("list", "nodes", ""), ("patch", "nodes", ""),
          ("list", "pods", NAMESPACE), ("create", "pods", NAMESPACE), ("list", "leases.coordination.k8s.io", "kube-system"),
          ("delete", "leases.coordination.k8s.io", NAMESPACE), ("update", "virtualservices.lvs-operator.io", "default"),
          ("create", "serviceaccounts/token", NAMESPACE), ("update", "daemonsets.apps", NAMESPACE)]


@pytest.mark.parametrize("account", ["lvs-operator", "lvs-operator-agent"])
def test_a_stolen_token_opens_nothing_else(release, account):
    kubeconfig = release.kubeconfig_of(account)
    allowed = [] if account != "lvs-operator" else [("list", "nodes", "")]
    for verb, resource, namespace in STOLEN:
        said = release.kubectl("auth", "can-i", verb, resource, *(["-n", namespace] if namespace else []),
                               kubeconfig=kubeconfig, check=False).stdout.strip()
        assert said == ("yes" if (verb, resource, namespace) in allowed else "no"), (verb, resource, namespace)


def test_the_agent_runs_with_the_capabilities_that_the_chart_gives_it(release, running, isolated):
    running.operator()
    binary = built("LVS_AGENT", "agent/lvs-agent")
    agent = running.cluster.get("daemonset", "lvs-operator-agent")["spec"]["template"]["spec"]["containers"][0]
    capabilities = ",".join("+" + name.lower() for name in agent["securityContext"]["capabilities"]["add"])
    program, health, metrics = running.agent(
        "director-1", 11, binary,
        before=["setpriv", f"--bounding-set=-all,{capabilities}", "--inh-caps=-all", "--no-new-privs"],
        more=["--kubeconfig", str(release.kubeconfig_of("lvs-operator-agent"))])
    eventually(lambda: answer(health, "/healthz") == (200, "ok\n"), "alive")
    eventually(lambda: 'component="agent"' in answer(metrics, "/metrics")[1], "metrics")
    status = pathlib.Path(f"/proc/{program.pid}/status").read_text()
    assert "CapEff:\t0000000000003000" in status, "NET_ADMIN and NET_RAW"
    eventually(lambda: "lvs-director-director-1" in release.kubectl("-n", NAMESPACE, "get", "leases").stdout,
               "as a director it renews its Lease")
    for trouble in ("VIPs will not be announced", "the wire cannot be asked"):
        assert trouble not in program.log()
    assert program.stop() == 0
