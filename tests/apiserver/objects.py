"""Small helpers around our two resources."""

GROUP = "/apis/lvs-operator.io/v1alpha1"
PLURALS = {"VirtualService": "virtualservices", "RealServer": "realservers"}


def path(kind: str, namespace: str, name: str = "", subresource: str = "", **query: str) -> str:
    """The path of a collection, an object or a subresource, with query parameters."""
    parts = [f"{GROUP}/namespaces/{namespace}/{PLURALS[kind]}", name, subresource]
    text = "/".join(part for part in parts if part)
    return text + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def virtual_service(name: str = "web", **spec) -> dict:
    return {"apiVersion": "lvs-operator.io/v1alpha1", "kind": "VirtualService", "metadata": {"name": name},
            "spec": {"vips": ["192.0.2.100"], "ports": [{"name": "http", "port": 80}],
                     "realServerSelector": {"matchLabels": {"app": "web"}}, **spec}}


def real_server(name: str = "real-server-1", **spec) -> dict:
    return {"apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
            "metadata": {"name": name, "labels": {"app": "web"}}, "spec": {"nodeName": name, **spec}}


def standalone_server(name: str, address: str, **spec) -> dict:
    """A machine without an agent."""
    server = real_server(name, address=address, **spec)
    del server["spec"]["nodeName"]
    return server


def condition(kind: str, status: str, reason: str) -> dict:
    return {"type": kind, "status": status, "reason": reason, "message": f"{kind} is {status}.",
            "observedGeneration": 1, "lastTransitionTime": "2026-01-02T03:04:05Z"}
