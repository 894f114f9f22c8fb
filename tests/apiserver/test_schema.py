"""The CRDs as users meet them: explain, columns, short names, defaults, status."""

import pytest

from api_client import ApiError
from cluster import CRDS
from objects import condition, path, real_server, virtual_service

KINDS = ["VirtualService", "RealServer"]


def test_crds_become_established(kubectl):
    for name in ("virtualservices", "realservers"):
        crd = f"crd/{name}.lvs-operator.io"
        states = kubectl("get", crd, "-o", "jsonpath={range .status.conditions[*]}{.type}={.status} {end}").stdout
        assert "Established=True" in states
        assert "NonStructuralSchema=True" not in states
        assert kubectl("get", crd, "-o", "jsonpath={.spec.scope}").stdout == "Namespaced"


def test_crds_can_be_applied_again_the_plain_way(own_cluster):
    """kubectl apply without --server-side keeps the object in an annotation of limited size."""
    cluster = own_cluster()
    cluster.kubectl("delete", "crd", "--all")
    for _ in range(2):
        cluster.kubectl("apply", "-f", str(CRDS))


def _schema(cluster, kind: str) -> dict:
    schemas = cluster.admin.request("GET", "/openapi/v3" + path(kind, "x").split("/namespaces")[0])
    return schemas["components"]["schemas"][f"io.lvs-operator.v1alpha1.{kind}"]


def _objects(schema: dict, at: str = ""):
    """Every path that has fields below it, with the names of these."""
    inner = schema.get("items", schema)
    fields = inner.get("properties", {})
    if fields:
        yield at, fields
    for name, field in fields.items():
        if name != "metadata" or at:
            yield from _objects(field, f"{at}.{name}")


@pytest.mark.parametrize("kind", KINDS)
def test_explain_describes_every_field(cluster, kubectl, kind):
    checked = 0
    for at, fields in _objects(_schema(cluster, kind)):
        shown = kubectl("explain", kind.lower() + at).stdout
        for name in fields:
            after = shown.split(f"\n  {name}\t", 1)
            assert len(after) == 2, f"{kind}{at}.{name} is not shown"
            description = after[1].split("\n\n", 1)[0]
            assert "<no description>" not in description and "\n    " in description, f"{kind}{at}.{name}"
            checked += 1
    assert checked > (70 if kind == "VirtualService" else 30)


def test_short_names_and_category(kubectl, cluster, namespace):
    cluster.admin.request("POST", path("VirtualService", namespace), virtual_service())
    cluster.admin.request("POST", path("RealServer", namespace), real_server())
    assert kubectl("get", "lvsvs", "-n", namespace, "-o", "name").stdout == "virtualservice.lvs-operator.io/web\n"
    assert kubectl("get", "lvsrs", "-n", namespace, "-o", "name").stdout == "realserver.lvs-operator.io/real-server-1\n"
    assert len(kubectl("get", "lvs", "-n", namespace, "-o", "name").stdout.split()) == 2


def _apply_status(cluster, kind: str, namespace: str, name: str, status: dict) -> dict:
    body = {"apiVersion": "lvs-operator.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "status": status}
    return cluster.admin.request(
        "PATCH", path(kind, namespace, name, "status", fieldManager="lvs-operator", force="true"), body,
        content_type="application/apply-patch+yaml")


VIRTUAL_SERVICE_STATUS = {
    "observedGeneration": 1,
    "conditions": [condition("Accepted", "True", "Accepted"), condition("Ready", "True", "AllServersReady")],
    "vips": [{"address": "192.0.2.100", "holder": "director-1", "term": 4, "since": "2026-01-02T03:04:05Z",
              "previousHolder": "director-2", "reason": "HeartbeatLost"}],
    "realServers": {"total": 3, "ready": 2, "draining": 1, "down": 0},
    "summary": {"vips": "192.0.2.100", "ports": "80/TCP", "holder": "director-1", "ready": "2/3"},
}
REAL_SERVER_STATUS = {
    "observedGeneration": 1,
    "conditions": [condition("Prepared", "True", "Verified")],
    "services": [{"virtualService": "web", "port": 80, "protocol": "TCP", "state": "Serving", "health": "Healthy",
                  "weight": 3,
                  "lastProbe": {"time": "2026-01-02T03:04:05Z", "success": True, "message": "200"}}],
    "summary": {"address": "192.0.2.21", "state": "Serving", "services": "web:80"},
}


def _table(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_columns_of_virtual_services(cluster, kubectl, namespace):
    service = virtual_service(persistence={"timeout": "60s"})
    cluster.admin.request("POST", path("VirtualService", namespace), service)
    _apply_status(cluster, "VirtualService", namespace, "web", VIRTUAL_SERVICE_STATUS)
    head, row = _table(kubectl("get", "lvsvs", "-n", namespace).stdout)
    assert head == ["NAME", "VIPS", "PORTS", "SCHEDULER", "HOLDER", "READY", "AGE"]
    assert row[:-1] == ["web", "192.0.2.100", "80/TCP", "wrr", "director-1", "2/3"]
    head, row = _table(kubectl("get", "lvsvs", "-n", namespace, "-o", "wide").stdout)
    assert head[-3:] == ["FORWARDING", "PERSISTENCE", "REASON"]
    assert row[-3:] == ["DirectRouting", "60s", "AllServersReady"]


def test_columns_of_real_servers(cluster, kubectl, namespace):
    cluster.admin.request("POST", path("RealServer", namespace), real_server(weight=3))
    _apply_status(cluster, "RealServer", namespace, "real-server-1", REAL_SERVER_STATUS)
    head, row = _table(kubectl("get", "lvsrs", "-n", namespace).stdout)
    assert head == ["NAME", "NODE", "ADDRESS", "WEIGHT", "STATE", "SERVICES", "ACTIVE", "AGE"]
    assert row[:-1] == ["real-server-1", "real-server-1", "192.0.2.21", "3", "Serving", "web:80"]


def test_defaults(cluster, namespace):
    service = cluster.admin.request("POST", path("VirtualService", namespace),
                                    virtual_service(persistence={}, healthCheck={"type": "HTTP"}))["spec"]
    assert service["scheduler"] == {"name": "wrr"}
    assert service["forwarding"] == "DirectRouting"
    assert service["persistence"] == {"timeout": "60s"}
    assert service["healthCheck"] == {"type": "HTTP", "interval": "1s", "timeout": "1s", "rise": 2, "fall": 3}
    assert service["ports"] == [{"name": "http", "port": 80, "protocol": "TCP"}]
    assert (service["failOpenPercent"], service["drainTimeout"], service["paused"]) == (50, "60s", False)
    server = cluster.admin.request("POST", path("RealServer", namespace), real_server())["spec"]
    assert server == {"nodeName": "real-server-1", "weight": 1, "maxConnections": 0, "minConnections": 0,
                      "drain": False}


def test_weight_is_edited_by_a_plain_patch(cluster, kubectl, namespace):
    cluster.admin.request("POST", path("RealServer", namespace), real_server())
    kubectl("patch", "lvsrs", "real-server-1", "-n", namespace, "--type=merge", "-p", '{"spec": {"weight": 9}}')
    assert kubectl("get", "lvsrs", "-n", namespace, "-o", "jsonpath={.items[0].spec.weight}").stdout == "9"


def test_status_is_a_subresource(cluster, namespace):
    """Spec and status are written apart: neither way changes the other half."""
    service = virtual_service() | {"status": {"summary": {"holder": "nobody"}}}
    created = cluster.admin.request("POST", path("VirtualService", namespace), service)
    assert "status" not in created
    changed = _apply_status(cluster, "VirtualService", namespace, "web", VIRTUAL_SERVICE_STATUS)
    assert changed["metadata"]["generation"] == 1
    changed["spec"]["paused"] = True
    changed["status"]["summary"]["holder"] = "somebody else"
    changed["metadata"].pop("managedFields")
    updated = cluster.admin.request("PUT", path("VirtualService", namespace, "web"), changed)
    assert updated["metadata"]["generation"] == 2
    assert updated["status"]["summary"]["holder"] == "director-1"


@pytest.mark.parametrize("kind, manifest, status", [
    ("VirtualService", virtual_service(), VIRTUAL_SERVICE_STATUS),
    ("RealServer", real_server(), REAL_SERVER_STATUS)], ids=KINDS)
def test_server_side_apply_of_status(cluster, namespace, kind, manifest, status):
    """The same status again writes nothing, and another manager's condition stays."""
    name = manifest["metadata"]["name"]
    cluster.admin.request("POST", path(kind, namespace), manifest)
    first = _apply_status(cluster, kind, namespace, name, status)
    assert first["status"] == status
    again = _apply_status(cluster, kind, namespace, name, status)
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    foreign = {"apiVersion": manifest["apiVersion"], "kind": kind, "metadata": {"name": name},
               "status": {"conditions": [condition("Checked", "True", "ByHand")]}}
    cluster.admin.request("PATCH", path(kind, namespace, name, "status", fieldManager="somebody"), foreign,
                          content_type="application/apply-patch+yaml")
    fewer = _apply_status(cluster, kind, namespace, name, {"conditions": status["conditions"][:1]})
    types = {c["type"] for c in fewer["status"]["conditions"]}
    assert types == {status["conditions"][0]["type"], "Checked"}
    assert set(fewer["status"]) == {"conditions"}


def test_status_is_checked_too(cluster, namespace):
    cluster.admin.request("POST", path("VirtualService", namespace), virtual_service())
    wrong = {"conditions": [condition("Ready", "Maybe", "Unsure")]}
    with pytest.raises(ApiError, match="supported values"):
        _apply_status(cluster, "VirtualService", namespace, "web", wrong)
