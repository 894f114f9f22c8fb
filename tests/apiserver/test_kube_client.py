"""lib/kube against a real API server: pages, expiry, cut connections, restarts, refusals, rotation."""

import json
import time

import yaml

import objects
from kube_probe import KubeProbe, take_lease
from proxy import Proxy


def create_servers(cluster, namespace, names):
    for name in names:
        cluster.admin.request("POST", objects.path("RealServer", namespace), objects.real_server(name))


def create_many(cluster, count):
    """rs-0000, rs-0001, ... in namespace default."""
    manifests = [objects.real_server(f"rs-{i:04}") for i in range(count)]
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))


def set_weight(cluster, namespace, name, weight):
    cluster.kubectl("-n", namespace, "patch", "realserver", name, "--type=merge",
                    "-p", json.dumps({"spec": {"weight": weight}}))


def delete(cluster, namespace, name):
    cluster.admin.request("DELETE", objects.path("RealServer", namespace, name))


def token_kubeconfig(cluster, path, **user):
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = user
    path.write_text(yaml.safe_dump(config))
    return path


def service_account_token(cluster, namespace, name):
    return cluster.kubectl("-n", namespace, "create", "token", name).stdout.strip()


def test_list_then_watch(cluster, namespace):
    create_servers(cluster, namespace, ["a", "b"])
    with KubeProbe(cluster.kubeconfig) as probe:
        at = probe.wait_for("listed ")
        set_weight(cluster, namespace, "a", 7)
        at = probe.wait_for(f"put {namespace}/a 7", at)
        create_servers(cluster, namespace, ["c"])
        at = probe.wait_for(f"put {namespace}/c", at)
        delete(cluster, namespace, "b")
        probe.wait_for(f"deleted {namespace}/b", at)
        assert probe.stop() < 2
    assert probe.count("disconnected") == 0


def test_status_writes_are_no_news(cluster, namespace):
    create_servers(cluster, namespace, ["a"])
    with KubeProbe(cluster.kubeconfig) as probe:
        at = probe.wait_for("listed ")
        cluster.kubectl("-n", namespace, "patch", "realserver", "a", "--subresource=status", "--type=merge",
                        "-p", json.dumps({"status": {"observedGeneration": 1}}))
        set_weight(cluster, namespace, "a", 9)
        probe.wait_for(f"put {namespace}/a 9", at)
        assert probe.count(f"put {namespace}/a") == 1


def test_nodes(cluster):
    with KubeProbe(cluster.kubeconfig, "Node") as probe:
        at = probe.wait_for("listed ")
        cluster.admin.request("POST", "/api/v1/nodes", {"metadata": {"name": "probe-node"}})
        try:
            at = probe.wait_for("put probe-node", at)
        finally:
            cluster.admin.request("DELETE", "/api/v1/nodes/probe-node")
        probe.wait_for("deleted probe-node", at)
    with KubeProbe(cluster.kubeconfig, "Node") as probe:
        probe.wait_for("listed ")
    assert probe.count("undecodable") == 0


def test_1500_objects_come_in_pages(own_cluster):
    cluster = own_cluster()
    create_many(cluster, 1500)
    with KubeProbe(cluster.kubeconfig) as probe:
        at = probe.wait_for("listed 1500")
        assert probe.count("request list 200") == 3
        set_weight(cluster, "default", "rs-0001", 5)
        probe.wait_for("put default/rs-0001 5", at)


def test_pages_that_expire_under_way(own_cluster):
    """etcd is compacted while pages are read: the server says 410, and one whole list follows."""
    cluster = own_cluster(watch_cache=False)
    create_many(cluster, 400)
    with KubeProbe(cluster.kubeconfig, "RealServer", 1) as probe:
        probe.wait_for("request list 200")
        create_servers(cluster, "default", ["later"])
        cluster.compact()
        probe.wait_for("listed 401")
        assert probe.count("request list 410") == 1
        assert probe.count("disconnected") == 0


def test_compaction_while_cut_off_leads_to_a_new_list(own_cluster):
    cluster = own_cluster(watch_cache=False)
    create_servers(cluster, "default", ["kept", "gone"])
    with Proxy(cluster.port) as proxy:
        kubeconfig = cluster.write_kubeconfig(cluster.folder / "through-proxy", "127.0.0.1", proxy.port)
        with KubeProbe(kubeconfig) as probe:
            at = probe.wait_for("listed 2")
            proxy.refuse()
            proxy.cut()
            at = probe.wait_for("disconnected", at)
            delete(cluster, "default", "gone")
            set_weight(cluster, "default", "kept", 3)
            cluster.compact()
            proxy.refuse(False)
            probe.wait_for("listed 1", at)
            # Whatever happened on the way, nothing was said to be deleted by itself.
            assert probe.count("deleted") == 0


def test_cut_connections_resume_without_a_list(cluster, namespace, proxy):
    create_servers(cluster, namespace, ["a"])
    with KubeProbe(proxy.kubeconfig) as probe:
        at = probe.wait_for("listed ")
        for weight in range(2, 7):
            proxy.cut()
            set_weight(cluster, namespace, "a", weight)
            at = probe.wait_for(f"put {namespace}/a {weight}", at)
        assert probe.count("listed") == 1
        assert probe.count("deleted") == 0


def test_a_stalled_connection_is_given_up(cluster, namespace, proxy):
    create_servers(cluster, namespace, ["a"])
    with KubeProbe(proxy.kubeconfig, "RealServer", 500, 2000) as probe:
        at = probe.wait_for("listed ")
        proxy.stall()
        at = probe.wait_for("disconnected", at)
        proxy.resume()
        set_weight(cluster, namespace, "a", 4)
        probe.wait_for(f"put {namespace}/a 4", at)


def test_api_server_killed_and_started_again(own_cluster):
    cluster = own_cluster()
    create_servers(cluster, "default", ["a", "b"])
    with KubeProbe(cluster.kubeconfig) as probe:
        at = probe.wait_for("listed 2")
        cluster.kill_apiserver()
        at = probe.wait_for("disconnected", at)
        time.sleep(2)
        assert probe.count("deleted") == 0
        cluster.start_apiserver()
        cluster.wait_ready()
        at = probe.wait_for(("listed 2", "connected"), at)
        set_weight(cluster, "default", "a", 8)
        probe.wait_for("put default/a 8", at)
        assert probe.count("deleted") == 0
        cluster.kill_etcd()
        time.sleep(2)
        cluster.start_etcd()
        cluster.wait_ready()
        set_weight(cluster, "default", "a", 9)
        probe.wait_for("put default/a 9", timeout=60)
        assert probe.count("deleted") == 0


def test_no_permission_is_said_and_recovers(cluster, namespace, tmp_path):
    kubeconfig = cluster.write_kubeconfig(tmp_path / "reader", "127.0.0.1", cluster.port, user="probe-reader")
    with KubeProbe(kubeconfig) as probe:
        at = probe.wait_for("disconnected")
        assert "403 Forbidden" in probe.events()[0] and "probe-reader" in probe.events()[0]
        assert "grant it with RBAC" in probe.events()[0]
        cluster.kubectl("create", "clusterrole", "probe-reader", "--verb=list,watch",
                        "--resource=realservers.lvs-operator.io")
        cluster.kubectl("create", "clusterrolebinding", "probe-reader", "--clusterrole=probe-reader",
                        "--user=probe-reader")
        probe.wait_for("listed ", at)
        assert namespace


def test_tokens_are_read_again(cluster, namespace, tmp_path):
    cluster.kubectl("-n", namespace, "create", "serviceaccount", "probe")
    cluster.kubectl("create", "clusterrole", f"{namespace}-probe", "--verb=list,watch",
                    "--resource=realservers.lvs-operator.io")
    cluster.kubectl("create", "clusterrolebinding", f"{namespace}-probe", f"--clusterrole={namespace}-probe",
                    f"--serviceaccount={namespace}:probe")
    token = tmp_path / "token"
    token.write_text("not-a-token")
    kubeconfig = token_kubeconfig(cluster, tmp_path / "kubeconfig", tokenFile=str(token))
    with KubeProbe(kubeconfig) as probe:
        at = probe.wait_for("disconnected")
        assert "401 Unauthorized" in probe.events()[0]
        token.write_text(service_account_token(cluster, namespace, "probe") + "\n")
        probe.wait_for("listed ", at)


def test_missing_definition_is_explained(own_cluster):
    cluster = own_cluster()
    cluster.kubectl("delete", "crd", "realservers.lvs-operator.io")
    with KubeProbe(cluster.kubeconfig) as probe:
        at = probe.wait_for("disconnected")
        assert "kubectl apply -f crds/" in probe.events()[0]
        cluster.install_crds()
        probe.wait_for("listed 0", at)


def test_a_server_of_another_authority_is_not_trusted(cluster, tmp_path):
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"].pop("certificate-authority-data")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config))
    with KubeProbe(kubeconfig) as probe:
        probe.wait_for("disconnected")
        assert "certificate is refused" in probe.events()[0]


def test_lease_is_compared_and_swapped(cluster, namespace):
    key = f"{namespace}/vip"
    first = take_lease(cluster.kubeconfig, key, "director-1").split()
    assert first[:3] == ["held", "director-1", "1"]
    second = take_lease(cluster.kubeconfig, key, "director-2").split()
    assert second[:3] == ["held", "director-2", "2"]
    stale = take_lease(cluster.kubeconfig, key, "director-3", first[3])
    assert stale.startswith("error conflict")
    lease = json.loads(cluster.kubectl("-n", namespace, "get", "lease", "vip", "-o", "json").stdout)
    assert lease["spec"]["holderIdentity"] == "director-2"
    assert lease["spec"]["leaseTransitions"] == 2
    released = take_lease(cluster.kubeconfig, key, "")
    assert released.startswith("held ")
