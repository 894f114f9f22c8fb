"""1,500 RealServers behind one VirtualService, and how often their status is written."""

import json
import time

import pytest

import objects
from waiting import eventually

COUNT = 1500
PAGES = 3  # of 500
# Every write of our resources, by whom; nothing else.
AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  verbs: [create, update, patch, delete]
  resources: [{group: lvs-operator.io}]
  omitStages: [RequestReceived]
- level: None
"""


class Audit:
    def __init__(self, folder):
        self._policy, self._log = folder / "audit-policy.yaml", folder / "audit.log"
        self._policy.write_text(AUDIT_POLICY)
        self.flags = [f"--audit-policy-file={self._policy}", f"--audit-log-path={self._log}", "--audit-log-mode=blocking"]

    def writes(self) -> list[dict]:
        """What the operator wrote, in order."""
        events = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [event for event in events if event.get("userAgent", "").startswith("lvs-operator")]


@pytest.fixture
def audit(tmp_path):
    return Audit(tmp_path)


def _create_servers(cluster):
    manifests = [objects.standalone_server(f"rs-{i:04}", f"198.51.{100 + i // 250}.{1 + i % 250}", weight=1 + i % 10)
                 for i in range(COUNT)]
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))


def _with_status(cluster) -> int:
    shown = cluster.kubectl("get", "lvsrs", "-o", "jsonpath={range .items[*]}{.status.summary.state}{\"\\n\"}{end}")
    return shown.stdout.splitlines().count("Serving")


def _wait_for_quiet(audit) -> int:
    """The number of writes when there were none for three seconds."""
    count = -1
    while count != len(audit.writes()):
        count = len(audit.writes())
        time.sleep(3)
    return count


def test_1500_real_servers(own_cluster, operator, agents, audit):
    cluster = own_cluster(extra_flags=audit.flags)
    _create_servers(cluster)
    cluster.admin.request("POST", objects.path("VirtualService", "default"), objects.virtual_service())
    running = operator(cluster.kubeconfig)
    director = agents(running, "director-1", 11)
    cluster.admin.request("POST", "/api/v1/nodes", director.manifest(director=True))

    eventually(lambda: len(director.weights()) == COUNT, "all real servers are in the kernel", timeout=400)
    assert sorted(director.weights().values()) == sorted(1 + i % 10 for i in range(COUNT))
    eventually(lambda: _with_status(cluster) == COUNT, "every RealServer has a status", timeout=400)
    # RealServers to watch and their statuses, and one page for each of the other kinds and statuses.
    assert running.metric("lvs_operator_api_requests_total", verb="list", code="200") == 2 * PAGES + 3

    before = _wait_for_quiet(audit)
    assert before >= COUNT + 1
    time.sleep(15)
    assert len(audit.writes()) == before, "nothing changes, nothing is written"
    assert len([write for write in audit.writes() if write["objectRef"]["resource"] == "events"]) <= 1, "the VIP is taken"
    for write in audit.writes():
        if write["objectRef"]["resource"] == "events":
            continue
        assert write["verb"] == "patch" and write["objectRef"]["subresource"] == "status", write
        assert "fieldManager=lvs-operator" in write["requestURI"], "server-side apply"

    pushes = len(director.pushes())
    running.kill()
    running.start()
    eventually(lambda: running.metric("lvs_operator_pushes_total", kind="probe", result="ok") == 1, "it is back")
    cluster.kubectl("patch", "lvsrs", "rs-0700", "--type=merge", "-p", '{"spec":{"weight":77}}')
    eventually(lambda: director.weights()["192.0.2.100:80 198.51.102.201:80"] == 77, "the change arrives")
    assert [method for method, _ in director.pushes()[pushes:]] == ["PATCH"]
    assert (director.plan().lost, director.deletions()) == ([], [])
    _wait_for_quiet(audit)
    written = {(w["objectRef"]["resource"], w["objectRef"]["name"]) for w in audit.writes()[before:]}
    assert written <= {("realservers", "rs-0700"), ("virtualservices", "web")}, "only what changed"
    assert ("realservers", "rs-0700") in written
