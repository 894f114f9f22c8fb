"""The harness itself: what the operator's tests rely on must be so."""

import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import time

import pytest
import yaml

import cluster as cluster_module
from api_client import ApiError
from control_plane import free_ports
from objects import path, real_server
from proxy import Proxy

TOOL = pathlib.Path(cluster_module.__file__)


def _names(cluster, namespace: str) -> list[str]:
    return [o["metadata"]["name"] for o in cluster.admin.request("GET", path("RealServer", namespace))["items"]]


@pytest.mark.parametrize("victim", ["apiserver", "etcd"])
def test_data_and_ports_survive_kill_and_start(cluster, namespace, victim):
    cluster.admin.request("POST", path("RealServer", namespace), real_server())
    port, pid = cluster.port, cluster.pids()[victim]
    cluster.kill(victim)
    assert not pathlib.Path(f"/proc/{pid}").exists()
    (cluster.start_etcd if victim == "etcd" else cluster.start_apiserver)()
    cluster.wait_ready()
    assert cluster.port == port
    assert _names(cluster, namespace) == ["real-server-1"]


def test_without_etcd_the_api_server_is_not_ready_and_can_be_killed(cluster):
    cluster.kill_etcd()
    with pytest.raises((ApiError, OSError, http.client.HTTPException)):
        cluster.admin.request("GET", "/readyz", timeout=5)
    cluster.kill_apiserver()
    cluster.start_etcd()
    cluster.start_apiserver()
    cluster.wait_ready()


def _first_watch_event(cluster, namespace: str, version: str) -> dict:
    """What a watch from that version on says first; an error is an event or a status of its own."""
    query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "1"}
    try:
        return cluster.admin.request("GET", path("RealServer", namespace, **query))[0]
    except ApiError as error:
        return {"type": "ERROR", "object": error.body}


def _make_history(cluster) -> tuple[str, str]:
    """Some writes after the returned version; and a token that continues a list begun at it."""
    for index in range(3):
        cluster.admin.request("POST", path("RealServer", "default"), real_server(f"server-{index}"))
    page = cluster.admin.request("GET", path("RealServer", "default", limit="1"))
    for weight in (2, 3, 4):
        cluster.admin.request("PATCH", path("RealServer", "default", "server-0"), {"spec": {"weight": weight}},
                              content_type="application/merge-patch+json")
    return page["metadata"]["resourceVersion"], page["metadata"]["continue"]


def test_compaction_makes_an_old_watch_and_an_old_page_410_gone(own_cluster):
    cluster = own_cluster(watch_cache=False)
    version, token = _make_history(cluster)
    assert _first_watch_event(cluster, "default", version)["type"] == "MODIFIED"
    assert cluster.compact() > int(version)
    event = _first_watch_event(cluster, "default", version)
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    with pytest.raises(ApiError) as gone:
        cluster.admin.request("GET", path("RealServer", "default", **{"limit": "1", "continue": token}))
    assert gone.value.code == 410


def test_with_the_watch_cache_compaction_and_restart_make_an_old_watch_410_gone(own_cluster):
    cluster = own_cluster()
    version, _ = _make_history(cluster)
    cluster.compact()
    assert _first_watch_event(cluster, "default", version)["type"] == "MODIFIED", "the cache still knows"
    cluster.restart_apiserver()
    event = _first_watch_event(cluster, "default", version)
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_a_user_may_do_only_what_rbac_allows(cluster, tmp_path):
    kubeconfig = cluster.write_kubeconfig(tmp_path / "user", "127.0.0.1", cluster.port, user="nobody",
                                          groups=["strangers"])
    refused = cluster.kubectl("get", "lvsvs", kubeconfig=kubeconfig, check=False)
    assert refused.returncode != 0
    assert 'User "nobody" cannot list resource "virtualservices"' in refused.stderr


class _Watch:
    """A watch by hand through some port."""

    def __init__(self, cluster, port: int):
        context = ssl.create_default_context(cafile=str(cluster.authority.certificate))
        context.load_cert_chain(*map(str, (cluster.folder / "pki/admin.crt", cluster.folder / "pki/admin.key")))
        self._connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
        self._connection.request("GET", path("RealServer", "default", watch="1"))
        self._answer = self._connection.getresponse()

    def next(self) -> dict:
        line = self._answer.readline()
        if not line:
            raise EOFError("the watch has ended")
        return json.loads(line)


def _touch(cluster, name: str):
    cluster.admin.request("POST", path("RealServer", "default"), real_server(name))


def test_proxy_cuts_stalls_refuses_and_counts(cluster, proxy):
    assert cluster.kubectl("get", "lvsrs", kubeconfig=proxy.kubeconfig).returncode == 0
    before = proxy.accepted
    assert before > 0
    watch = _Watch(cluster, proxy.port)
    _touch(cluster, "seen")
    assert watch.next()["object"]["metadata"]["name"] == "seen"

    proxy.stall()
    _touch(cluster, "late")
    with pytest.raises(TimeoutError):
        watch.next()
    proxy.resume()
    again = _Watch(cluster, proxy.port)
    assert again.next()["type"] == "ADDED"

    assert proxy.cut() == proxy.cut_count >= 1
    assert proxy.open_connections == 0
    with pytest.raises((OSError, EOFError, http.client.HTTPException)):
        while True:
            again.next()

    proxy.refuse()
    with pytest.raises(OSError):
        _Watch(cluster, proxy.port)
    proxy.refuse(False)
    assert _Watch(cluster, proxy.port).next()["type"] == "ADDED"
    assert proxy.accepted == before + 4
    cluster.admin.request("DELETE", path("RealServer", "default"))


def test_proxy_lets_a_large_answer_through_and_forgets_ended_connections(cluster, namespace, proxy):
    manifests = "---\n".join(yaml.safe_dump(real_server(f"server-{i}")) for i in range(200))
    cluster.kubectl("create", "-n", namespace, "-f", "-", stdin=manifests, kubeconfig=proxy.kubeconfig)
    shown = cluster.kubectl("get", "lvsrs", "-n", namespace, "-o", "json", kubeconfig=proxy.kubeconfig).stdout
    assert len(json.loads(shown)["items"]) == 200
    deadline = time.monotonic() + 5
    while proxy.open_connections and time.monotonic() < deadline:
        time.sleep(0.05)
    assert proxy.open_connections == 0


def test_proxy_to_nowhere_closes(cluster):
    with Proxy(free_ports(1)[0]) as dead:
        with pytest.raises(OSError):
            _Watch(cluster, dead.port)


def _tool(*args: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(TOOL), *args], capture_output=True, text=True, check=False)


def _alive(pid: int) -> bool:
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_command_line_up_and_down_leave_nothing(tmp_path):
    folder = tmp_path / "lab"
    try:
        done = _tool("up", "--dir", str(folder), "--san", "10.0.2.2")
        assert done.returncode == 0, done.stderr
        pids = json.loads(_tool("status", "--dir", str(folder)).stdout)
        assert set(pids) == {"etcd", "apiserver"} and all(map(_alive, pids.values()))
        guest = yaml.safe_load((folder / "kubeconfig-guest").read_text())["clusters"][0]["cluster"]["server"]
        host = yaml.safe_load((folder / "kubeconfig").read_text())["clusters"][0]["cluster"]["server"]
        assert guest == host.replace("127.0.0.1", "10.0.2.2")
        checked = subprocess.run(
            ["openssl", "s_client", "-connect", host.removeprefix("https://"), "-verify_ip", "10.0.2.2",
             "-CAfile", str(folder / "pki/ca.crt"), "-verify_return_error"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert "Verify return code: 0 (ok)" in checked.stdout
        assert _tool("up", "--dir", str(folder)).returncode == 1, "a second one in the same folder"
        assert all(map(_alive, pids.values())), "the refused second one has left the first alone"
    finally:
        ended = _tool("down", "--dir", str(folder))
    assert ended.returncode == 0, ended.stderr
    assert not folder.exists()
    assert not any(map(_alive, pids.values()))
    assert _tool("down", "--dir", str(folder)).returncode == 0, "down twice is no error"


def test_down_leaves_the_files_of_others(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert _tool("up", "--dir", str(tmp_path), "--no-crds").returncode == 0
    assert _tool("down", "--dir", str(tmp_path)).returncode == 0
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_a_killed_test_run_leaves_no_process(tmp_path):
    script = ("import cluster, sys, time; c = cluster.Cluster(sys.argv[1], die_with_parent=True); c.start();"
              "print(*c.pids().values(), flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True,
                          cwd=TOOL.parent) as run:
        pids = [int(pid) for pid in run.stdout.readline().split()]
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(pids) == 2 and not any(map(_alive, pids))
