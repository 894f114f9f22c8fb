"""Random VirtualServices and RealServers, mostly right with one or two fields that may be wrong.

The wrong values come from the schema (so that every field is tried, new ones too) and from a list of
texts and numbers at the edges of what the rules allow.
"""

import random

import yaml

from cluster import CRDS

_TEXTS = [
    "", "a", "A", "web", "eth1", "eth1:0", "eth0.100", "a b", "a/b", "/", "/health", "a.b", "a..b", "-a", "a-", "a_b",
    ".", "..", "x" * 15, "x" * 16, "x" * 63, "x" * 64, "x" * 253, "x" * 254, "a\tb", "web\n", "ä", "\x7f", "NAT", "ops",
    "192.0.2.1", "192.0.2.100", "2001:db8::1", "2001:DB8::00FF", "2001:db8::g", "::", "::1", "127.0.0.1", "0.0.0.0",
    "255.255.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "ff02::1", "fe80::1", "fe80::1%eth0", "169.254.1.1",
    "::ffff:192.0.2.1", "::192.0.2.1", "64:ff9b::192.0.2.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "192.0.2.1\n",
    "0", "0s", "0m", "1s", "1.5s", "1.s", ".5s", "1s1s", "1e3s", "+1s", "-1s", "1 s", "1us", "1d", "1S", "00001s", "1s\n",
    "9ms", "10ms", "9.9s", "0.5ms", "500ms", "1m30s", "1h", "1.005h", "1.0005h", "24h", "24h1ms", "744h", "745h", "87840h",
    "87841h", "999999h", "1000000000ms", "999999999s", "1h1h1h1h1h1h1h1h1h1h", "1h1h1h1h1h1h1h1h1h1h1s",
    "200", "200-299", "299-200", "099", "600", "100-599", "200-", "200-29", "2xx", "shop-ca.pem", "../a", ".a", "[2001:db8::1]:80", "shop.example:80", "70696e67", "0x70", "shop.example."]
_NUMBERS = [0, 1, -1, 2, 32, 33, 64, 65, 80, 100, 101, 128, 129, 599, 600, 65535, 65536, 2**31 - 1, 2**32 - 1, 2**32]
_WRONG_TYPES = [None, True, 1, 1.5, "x", [], {}, [None], {"a": 1}, ["x"]]
_OFTEN = {"port", "vips", "ports", "realServerSelector", "matchLabels", "key", "operator", "type", "address", "nodeName"}

_RIGHT = {
    "vips": [["192.0.2.100"], ["2001:db8::100"], ["192.0.2.100", "2001:db8::100"]],
    "ports": [[{"port": 80}], [{"name": "a", "port": 80}, {"name": "b", "port": 53, "protocol": "UDP"}]],
    "realServerSelector": [{"matchLabels": {"app": "web"}}],
    "scheduler": [{"name": "wrr"}, {"name": "mh", "flags": ["mh-port"]}, {"flags": ["ops"]}],
    "forwarding": ["DirectRouting", "Masquerade"], "persistence": [{"timeout": "60s"}], "interface": ["eth1"],
    "healthCheck": [{"type": "TCP"}, {"type": "HTTP", "path": "/health"},
                    {"type": "HTTPS", "tls": {"insecure": True}}, {"type": "DNS"}, {"type": "ICMP"},
                    {"type": "HTTP", "target": "InPath"}], "failOpenPercent": [50],
    "onFailure": ["Remove"],
    "sorryServer": [{"address": "192.0.2.99"}, {"address": "192.0.2.99", "forwarding": "Masquerade", "port": 8080}],
    "drainTimeout": ["60s"], "directors": [{"preferred": ["director-1"]}],
    "paused": [True], "nodeName": ["server-1"], "address": ["192.0.2.21"], "weight": [3], "maxConnections": [10],
    "minConnections": [5], "drain": [False]}
_ALWAYS = {"vips", "ports", "realServerSelector", "nodeName"}


def _spec_schemas() -> dict:
    schemas = {}
    for file in CRDS.glob("*.yaml"):
        spec = yaml.safe_load(file.read_text())["spec"]
        schemas[spec["names"]["kind"]] = spec["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schemas


class RandomManifests:
    """The same seed gives the same objects as long as the schemas are the same."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self._schemas = _spec_schemas()

    def next(self, name: str) -> dict:
        kind = self._random.choice(["VirtualService"] * 4 + ["RealServer"])
        schema = self._schemas[kind]["properties"]
        spec = {field: self._random.choice(_RIGHT[field]) for field in schema
                if field in _ALWAYS or self._random.random() < 0.35}
        for field in self._random.sample(list(schema), self._random.choice([1, 1, 2])):
            spec[field] = self._value(schema[field], wild=self._random.choice([0, 0.02, 0.1]))
        return {"apiVersion": "lvs-operator.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}

    def _value(self, schema: dict, wild: float):
        choose, chance = self._random.choice, self._random.random
        if chance() < wild:
            return choose(_WRONG_TYPES)
        if "enum" in schema and chance() > wild:
            return choose(schema["enum"])
        if schema.get("x-kubernetes-int-or-string"):
            return choose([choose(_NUMBERS), choose(_TEXTS), 200, "200-299"])
        if schema["type"] == "object":
            return self._object(schema, wild)
        if schema["type"] == "array":
            length = choose([0, 1, 1, 1, 1, 2, 2, 3]) if chance() > 0.02 else self._random.randrange(5, 20)
            return [self._value(schema["items"], wild) for _ in range(length)]
        if schema["type"] == "integer":
            return choose(_NUMBERS) if chance() < 0.35 else choose([1, 2, 3, 50, 80])
        return choose([True, False]) if schema["type"] == "boolean" else choose(_TEXTS)

    def _object(self, schema: dict, wild: float) -> dict:
        chance = self._random.random
        if "additionalProperties" in schema:
            return {self._random.choice(["app", "tier", "x/y"]): self._value(schema["additionalProperties"], wild)
                    for _ in range(self._random.choice([0, 1, 1, 2]))}
        made = {name: self._value(field, wild) for name, field in schema["properties"].items()
                if chance() < (0.9 if name in _OFTEN else 0.3)}
        if chance() < wild / 4:
            made["unknownField"] = 1
        return made
