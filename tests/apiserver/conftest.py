"""Fixtures: one API server for the session, one namespace per test, the operator as a process."""

import os
import pathlib
import uuid

import pytest

import cluster as cluster_module
from memory_agent import MemoryAgent
from operator_process import OperatorProcess
from proxy import Proxy

ROOT = cluster_module.ROOT


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """etcd and kube-apiserver with the CRDs of crds/. Tests that kill parts of it start them again."""
    running = cluster_module.Cluster(tmp_path_factory.mktemp("cluster"), sans=["10.0.2.2"],
                                     die_with_parent=True)
    try:
        running.start()
        running.install_crds()
        yield running
    finally:
        running.remove()


@pytest.fixture
def own_cluster(tmp_path):
    """Starts a cluster for one test, with options: own_cluster(watch_cache=False)."""
    started = []

    def start(**options):
        running = cluster_module.Cluster(tmp_path / f"cluster-{len(started)}", die_with_parent=True, **options)
        started.append(running)
        running.start()
        running.install_crds()
        return running

    yield start
    for running in started:
        print(running.log_tail())  # shown when the test failed
        running.remove()


@pytest.fixture
def kubectl(cluster):
    """kubectl("get", "lvsvs", ...) as administrator; returns the finished process, raises when it fails."""
    return cluster.kubectl


@pytest.fixture
def namespace(cluster):
    """A namespace of the test's own. Without a controller manager nobody would empty it: see the end."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster.admin.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    yield name
    for plural in ("virtualservices", "realservers"):
        cluster.admin.request("DELETE", f"/apis/lvs-operator.io/v1alpha1/namespaces/{name}/{plural}")


@pytest.fixture
def proxy(cluster):
    """A proxy in front of the API server, with `kubeconfig` for clients that shall go through it."""
    with Proxy(cluster.port) as running:
        running.kubeconfig = cluster.write_kubeconfig(
            cluster.folder / f"kubeconfig-proxy-{running.port}", "127.0.0.1", running.port)
        yield running
        running.kubeconfig.unlink()


def built(variable: str, path: str) -> pathlib.Path:
    """A program of this repository; skipped where it is not built."""
    binary = pathlib.Path(os.environ.get(variable, ROOT / "build/dev" / path))
    if not os.access(binary, os.X_OK):
        pytest.skip(f"{binary} is not built; build it, or name one in {variable}")
    return binary


@pytest.fixture
def operator(request, tmp_path):
    """operator(kubeconfig=None, *flags) starts lvs-operator; skipped where it is not built."""
    started = []

    def start(kubeconfig=None, *flags, authority=None):
        binary = built("LVS_OPERATOR", "operator/lvs-operator")
        kubeconfig = kubeconfig or request.getfixturevalue("cluster").kubeconfig
        process = OperatorProcess(binary, kubeconfig, tmp_path / f"operator-{len(started)}", flags,
                                  authority)
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
        print(f"--- {process.log_file}", *process.log().splitlines()[-100:], sep="\n")  # shown when the test failed


@pytest.fixture
def agents(tmp_path):
    """agents(operator, node, number, ...) starts a node's agent, on a kernel in memory, that trusts the operator.

    The operator dials 127.0.9.`number`; the machine's address is 192.0.2.`number`.
    """
    started = []

    def start(operator_process, node: str, number: int, **options):
        agent = MemoryAgent(built("LVS_MEMORY_AGENT", "tests/apiserver/memory_agent"), operator_process.authority,
                            tmp_path / node, node, f"127.0.9.{number}", f"192.0.2.{number}", **options)
        started.append(agent)
        return agent

    yield start
    for agent in started:
        agent.stop()


@pytest.fixture
def isolated():
    """For tests whose manifests have nodes with addresses of real networks: nothing may be sent there."""
    if len(pathlib.Path("/proc/net/route").read_text().splitlines()) > 1:
        pytest.skip("this network leads somewhere; tests/apiserver/run makes one that does not, where it may")


@pytest.fixture
def lvsctl() -> pathlib.Path:
    """The program; skipped where it is not built."""
    return built("LVSCTL", "cli/lvsctl")
