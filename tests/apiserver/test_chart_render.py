"""The chart without a cluster: what it renders, what it refuses, and that its copies are what they copy."""

import json
import pathlib
import re
import subprocess

import pytest
import yaml

from control_plane import ROOT
from helm import CHART, HelmError, arguments_of, helm, pod_of, template

MONITORING = {"metrics__serviceMonitor__enabled": True, "metrics__podMonitor__enabled": True,
              "metrics__prometheusRule__enabled": True, "metrics__dashboards__enabled": True}


def test_helm_finds_nothing_to_complain_about():
    for values in ([], ["--set", "tls.mode=certManager,metrics.serviceMonitor.enabled=true"]):
        assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *values)


def test_what_an_installation_without_settings_is():
    objects = template()
    names = {kind: sorted(name for k, name in objects if k == kind) for kind, _ in objects}
    assert names == {
        "ClusterRole": ["lvs-operator"], "ClusterRoleBinding": ["lvs-operator"],
        "CustomResourceDefinition": ["realservers.lvs-operator.io", "virtualservices.lvs-operator.io"],
        "DaemonSet": ["lvs-operator-agent"], "Deployment": ["lvs-operator"],
        "PodDisruptionBudget": ["lvs-operator"],
        "Role": ["lvs-operator-agent", "lvs-operator-leader"],
        "RoleBinding": ["lvs-operator-agent", "lvs-operator-leader"],
        "Secret": ["lvs-operator-agent-tls", "lvs-operator-ca", "lvs-operator-heartbeat", "lvs-operator-tls"],
        "Service": ["lvs-operator-agent-metrics", "lvs-operator-metrics"],
        "ServiceAccount": ["lvs-operator", "lvs-operator-agent"]}
    cluster_wide = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"}
    for (kind, name), each in objects.items():
        assert each["metadata"].get("namespace") == (None if kind in cluster_wide else "lvs-system"), (kind, name)


def test_no_container_may_more_than_its_program_needs():
    objects = template()
    operator, agent = pod_of(objects, "Deployment", "lvs-operator"), pod_of(objects, "DaemonSet", "lvs-operator-agent")
    for pod in (operator, agent):
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert security["capabilities"]["drop"] == ["ALL"] and "privileged" not in security
        assert container["resources"]["requests"] and {"livenessProbe", "readinessProbe"} <= set(container)
        start = container["startupProbe"]
        assert start["periodSeconds"] * start["failureThreshold"] >= 300, "a slow node is given time"
    assert agent["containers"][0]["securityContext"]["capabilities"]["add"] == ["NET_ADMIN", "NET_RAW"]
    assert "add" not in operator["containers"][0]["securityContext"]["capabilities"]
    assert operator["securityContext"]["runAsNonRoot"] and operator["securityContext"]["runAsUser"] > 0
    assert "hostNetwork" not in operator and agent["hostNetwork"]
    writable = {volume["hostPath"]["path"] for volume in agent["volumes"] if "hostPath" in volume}
    assert writable == {"/var/lib/lvs-agent", "/run/lvs-agent", "/proc/sys/net"}
    assert not any("hostPath" in volume for volume in operator["volumes"])


def test_every_volume_is_mounted_and_every_file_that_is_named_is_mounted():
    objects = template()
    for pod in (pod_of(objects, "Deployment", "lvs-operator"), pod_of(objects, "DaemonSet", "lvs-operator-agent")):
        mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        assert set(mounts) == {volume["name"] for volume in pod["volumes"]}
        files = re.findall(r"=(/\S+)", " ".join(arguments_of(pod)))
        assert files and all(any(f.startswith(mount) for mount in mounts.values()) for f in files), files


REFUSED = [
    ({"operator__replica": 3}, "replica"), ({"operator__replicas": 0}, "replicas"),
    ({"agent__heartbeatPort": 70000}, "heartbeatPort"), ({"agent__logLevel": "loud"}, "logLevel"),
    ({"agent__reconcileInterval": "soon"}, "reconcileInterval"), ({"tls__mode": "none"}, "mode"),
    ({"tls__mode": "secrets"}, "operatorSecret"), ({"tls__agentName": ""}, "agentName"),
    ({"operator__extraArgs": ["dry-run"]}, "extraArgs"),
]


@pytest.mark.parametrize("values, said", REFUSED, ids=lambda each: str(each))
def test_a_wrong_value_is_refused_and_named(values, said):
    with pytest.raises(HelmError) as refused:
        template(**values)
    assert said in str(refused.value) and "don't meet the specifications of the schema" in str(refused.value)


def _keys(value, path=()) -> set:
    if not isinstance(value, dict) or not value:
        return {path}
    return {path}.union(*(_keys(v, (*path, k)) for k, v in value.items()))


def test_every_value_is_in_the_schema_and_the_other_way_round():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())

    def described(node, path=()):
        found = {path}
        for key, value in node.get("properties", {}).items():
            found |= described(value, (*path, key))
        return found

    free = {("agent", "nodeSelector"), ("operator", "nodeSelector"), ("metrics", "dashboards", "labels"),
            ("agent", "resources"), ("operator", "resources"), ("tls", "certManager", "issuerRef")}

    def without_free(keys):
        return {key for key in keys if not any(key[:len(f)] == f for f in free)}

    assert without_free(_keys(values)) == without_free(described(schema)) - {("global",)}


def test_options_add_what_they_say():
    plain, all_of_it = template(), template(**MONITORING)
    kinds = {kind for kind, _ in set(all_of_it) - set(plain)}
    wanted = {"ServiceMonitor", "PodMonitor"}
    if (CHART / "files/alerts.yaml").exists():
        wanted.add("PrometheusRule")
        rule = all_of_it["PrometheusRule", "lvs-operator"]
        assert rule["spec"] == yaml.safe_load((CHART / "files/alerts.yaml").read_text())
    dashboards = sorted((CHART / "files/dashboards").glob("*.json"))
    if dashboards:
        wanted.add("ConfigMap")
    for file in dashboards:
        shown = all_of_it["ConfigMap", f"lvs-operator-dashboard-{file.stem}"]["data"][file.name]
        assert json.loads(shown) == json.loads(file.read_text())
    assert kinds == wanted
    for component, port in (("operator", 9442), ("agent", 9441)):
        name = "lvs-operator-metrics" if component == "operator" else "lvs-operator-agent-metrics"
        service, monitor = all_of_it["Service", name], all_of_it["ServiceMonitor", name]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
        assert service["spec"]["ports"][0]["port"] == port


def test_services_select_the_pods_of_one_component():
    objects = template()
    pods = {name: objects[kind, name]["spec"]["template"]["metadata"]["labels"]
            for kind, name in (("Deployment", "lvs-operator"), ("DaemonSet", "lvs-operator-agent"))}
    for service, selected in (("lvs-operator-metrics", "lvs-operator"),
                              ("lvs-operator-agent-metrics", "lvs-operator-agent")):
        selector = objects["Service", service]["spec"]["selector"].items()
        assert [name for name, labels in pods.items() if selector <= labels.items()] == [selected]


def test_certificates_may_come_from_elsewhere():
    given = template(tls__mode="secrets", tls__operatorSecret="mine", tls__agentSecret="theirs",
                     heartbeat__existingSecret="beat")
    assert not any(kind == "Secret" for kind, _ in given)
    used = {volume["name"]: volume["secret"]["secretName"] for volume in
            pod_of(given, "DaemonSet", "lvs-operator-agent")["volumes"] if "secret" in volume}
    assert used == {"tls": "theirs", "heartbeat": "beat"}
    managed = template(tls__mode="certManager")
    certificates = {name: each["spec"] for (kind, name), each in managed.items() if kind == "Certificate"}
    assert {name: spec["secretName"] for name, spec in certificates.items()} == {
        "lvs-operator-ca": "lvs-operator-ca", "lvs-operator-tls": "lvs-operator-tls",
        "lvs-operator-agent-tls": "lvs-operator-agent-tls"}
    assert certificates["lvs-operator-agent-tls"]["dnsNames"] == ["lvs-agent"]
    own = template(tls__mode="certManager", tls__certManager__issuerRef={"name": "company", "kind": "ClusterIssuer"})
    assert {spec["spec"]["issuerRef"]["name"] for (kind, _), spec in own.items() if kind == "Certificate"} == {"company"}
    assert not any(kind == "Issuer" for kind, _ in own)


def test_an_operator_of_one_namespace_may_nothing_in_others():
    objects = template(operator__watchNamespace="shop")
    assert "--namespace=shop" in arguments_of(pod_of(objects, "Deployment", "lvs-operator"))
    assert objects["ClusterRole", "lvs-operator"]["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list", "watch"]}]
    role = objects["Role", "lvs-operator-resources"]
    assert role["metadata"]["namespace"] == "shop"
    assert role["rules"] == template()["ClusterRole", "lvs-operator"]["rules"][1:]
    assert objects["Role", "lvs-operator-node-events"]["metadata"]["namespace"] == "default"


def test_agents_that_go_without_leases_get_no_token():
    objects = template(agent__leases=False)
    pod = pod_of(objects, "DaemonSet", "lvs-operator-agent")
    assert pod["automountServiceAccountToken"] is False and "--leases" not in arguments_of(pod)
    assert ("Role", "lvs-operator-agent") not in objects


COPIES = [("crds", "files/crds", "*.yaml"), ("deploy/grafana", "files/dashboards", "*.json"),
          ("deploy/prometheus", "files", "alerts.yaml")]


@pytest.mark.parametrize("source, copy, names", COPIES, ids=[source for source, _, _ in COPIES])
def test_the_charts_copies_are_identical(source, copy, names):
    def contents(folder: pathlib.Path) -> dict:
        return {file.name: file.read_text() for file in sorted(folder.glob(names))}

    assert contents(CHART / copy) == contents(ROOT / source), "run make chart"


def test_crds_are_what_crds_holds_and_stay_when_the_release_goes():
    objects = template()
    for file in (ROOT / "crds").glob("*.yaml"):
        source = yaml.safe_load(file.read_text())
        rendered = objects["CustomResourceDefinition", source["metadata"]["name"]]
        assert rendered["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert rendered == source
    assert not any(kind == "CustomResourceDefinition" for kind, _ in template(crds__install=False))


def test_deploy_is_what_the_chart_renders():
    done = subprocess.run([str(ROOT / "scripts/render-deploy.sh"), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (ROOT / "deploy/kubernetes/lvs-operator.yaml").read_text()
    assert "PRIVATE KEY" not in text and "kind: Secret" not in text
