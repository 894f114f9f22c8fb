#!/usr/bin/python3
"""The dashboards of lvs-operator: what they show and by which queries.

  deploy/grafana/dashboards.py            writes the JSON files beside this one
  deploy/grafana/dashboards.py --check    fails when a file is not what would be written

Grafana imports the JSON files as they are. docs/metrics.md says what each metric means.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from panels import GREEN, ORANGE, RED, Column, Dashboard, Query, Variable, lines, number, states, table

HERE = Path(__file__).resolve().parent

NODE = Variable("node", "Node", "label_values(lvs_agent_services, node)")
SERVICE = Variable("service", "Service", "label_values(lvs_agent_service_info, service)")
OPERATOR = Variable("instance", "Operator", "label_values(lvs_operator_term, instance)")

ON_NODE = '{node=~"$node"}'
OF_SERVICE = '{node=~"$node",service=~"$service"}'
OF_OPERATOR = '{instance=~"$instance"}'
EVERY = "[$__rate_interval]"


def rate(metric: str, labels: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{labels}{EVERY}))"


def quantile(share: float, metric: str, labels: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by ({by}, le) (rate({metric}_bucket{labels}{EVERY})))"


def now(expr: str) -> Query:
    return Query(expr, now=True)


def overview() -> Dashboard:
    holders = f"sum by (vip) (lvs_agent_vip_holder{ON_NODE})"
    board = Dashboard("lvs-overview", "LVS / Overview", "Who holds which VIP, since when, and what is wrong.", [NODE])
    board.row(
        "Now",
        number("VIPs held", "VIPs with exactly one holder.", f"count({holders} == 1) or vector(0)"),
        number("VIPs without a holder", "Nobody answers for them.", f"count({holders} == 0) or vector(0)",
               bad_above=1),
        number("VIPs with two holders", "One may be a move between two scrapes; if it stays, see the runbook.",
               f"count({holders} > 1) or vector(0)", bad_above=1),
        number("Servers out", "Of any service, on the director that says so most; see the dashboard Servers.",
               f'max(sum by (node) (lvs_agent_service_servers{{node=~"$node",state!="Serving"}})) or vector(0)',
               bad_above=1),
        number("Agents not reached", "As the operator sees it; they go on by themselves.",
               "count(lvs_operator_agent_reachable == 0) or vector(0)", bad_above=1),
        number("Operators that lead", "One; with none the kernels go on as they are and changes wait.",
               "count(lvs_operator_term > 0) or vector(0)"),
        table("Who holds what", "By the address on the interface. The term counts the acquisitions.",
              Column("vip"), Column("node"),
              Column("since", now(f"max by (vip, node) (lvs_agent_vip_held_since_timestamp_seconds{ON_NODE}) * 1000"),
                     "dateTimeAsIso"),
              Column("term", now(f"max by (vip, node) (lvs_agent_vip_term{ON_NODE} and on (vip, node)"
                                 " lvs_agent_vip_holder == 1)"))),
        table("Problems", "What agents report; `lvsctl status` gives object, message and what to do.",
              Column("node"), Column("reason"),
              Column("count", now(f"max by (node, reason) (lvs_agent_problems{ON_NODE} > 0)"))),
    ).row(
        "Moves",
        states("Holder over time", "A bar for each VIP and the node that holds it.",
               Query(f"max by (vip, node) (lvs_agent_vip_holder{ON_NODE}) == 1", "{{vip}} on {{node}}"),
               values={"1": ("holds", GREEN)}),
        lines("VIPs that came, by reason", "Why VIPs moved: docs/moves.md.",
              Query(f"sum by (reason) (increase(lvs_agent_vips_taken_total{ON_NODE}{EVERY})) > 0", "{{reason}}"),
              bars=True, stacked=True, width=12),
    ).row(
        "Traffic",
        lines("New connections by service", "On all directors.",
              Query(rate("lvs_agent_service_connections_total", ON_NODE, "service"), "{{service}}"), unit="cps"),
        lines("Bytes from clients by service", "What answers weigh is not seen here with direct routing.",
              Query(rate("lvs_agent_service_bytes_total", '{node=~"$node",direction="in"}', "service"), "{{service}}"),
              unit="Bps"),
        lines("New connections by director", "A standby has none.",
              Query(rate("lvs_agent_service_connections_total", ON_NODE, "node"), "{{node}}"), unit="cps"),
    )
    return board


def service() -> Dashboard:
    weights = f"max by (service, server) (lvs_agent_destination_weight{OF_SERVICE})"
    new = rate("lvs_agent_destination_connections_total", OF_SERVICE, "service, server")
    board = Dashboard("lvs-service", "LVS / Service", "Traffic of services, and how it is spread over their servers.",
                      [NODE, SERVICE])

    def share(of: str) -> str:
        return f"{of} / on (service) group_left () (sum by (service) ({of}) > 0)"

    def by_server(metric: str, title: str, description: str, unit: str, labels: str = OF_SERVICE):
        return lines(title, description, Query(rate(metric, labels, "service, server"), "{{server}} of {{service}}"), unit=unit)

    incoming = '{node=~"$node",service=~"$service",direction="in"}'
    board.row(
        "Now",
        table("Services", "Servers that get new connections, and those that are out.",
              Column("service"), Column("virtual_service"), Column("scheduler"),
              Column("serving", now("max by (service, virtual_service, scheduler) (lvs_agent_service_info"
                                    f"{OF_SERVICE} * on (node, service) group_left () lvs_agent_service_servers"
                                    '{state="Serving"})')),
              Column("out", now("max by (service, virtual_service, scheduler) (lvs_agent_service_info"
                                f"{OF_SERVICE} * on (node, service) group_left () sum by (node, service)"
                                ' (lvs_agent_service_servers{state!="Serving"}))'))),
        table("Servers: weights against share", "Of the weights in the kernel, and of the new connections of the last minutes. "
              "Persistence and the scheduler may part the two.",
              Column("service"), Column("server"),
              Column("configured", now("max by (service, server) (lvs_agent_destination_configured_weight"
                                       f"{OF_SERVICE})")),
              Column("weight", now(weights)),
              Column("of weights", now(share(weights)), "percentunit"),
              Column("of connections", now(share(new)), "percentunit"),
              Column("active", now(f"sum by (service, server) (lvs_agent_destination_active_connections{OF_SERVICE})"))),
    ).row(
        "Traffic by server",
        by_server("lvs_agent_destination_connections_total", "New connections", "On all directors.", "cps"),
        by_server("lvs_agent_destination_bytes_total", "Bytes from clients", "Only what passes a director.", "Bps", incoming),
        by_server("lvs_agent_destination_packets_total", "Packets from clients", "Only what passes a director.", "pps",
                  incoming),
        lines("Active connections", "As IPVS counts them: TCP connections that are established.",
              Query(f"sum by (service, server) (lvs_agent_destination_active_connections{OF_SERVICE})", "{{server}} of {{service}}")),
        lines("Inactive connections", "The others that the kernel still remembers.",
              Query(f"sum by (service, server) (lvs_agent_destination_inactive_connections{OF_SERVICE})", "{{server}} of {{service}}")),
        lines("Share of new connections", "The table above has the share of the weights beside it.",
              Query(share(new), "{{server}} of {{service}}"), unit="percentunit"),
    ).row(
        "The service",
        lines("New connections", "By director.",
              Query(rate("lvs_agent_service_connections_total", OF_SERVICE, "service, node"), "{{service}} on {{node}}"),
              unit="cps"),
        lines("Packets in and out", "With direct routing and tunnels nothing goes out here: the answers pass the director by.",
              Query(rate("lvs_agent_service_packets_total", OF_SERVICE, "service, direction"),
                    "{{service}} {{direction}}"), unit="pps"),
        lines("Servers by state", "On the director that says so most.",
              Query("max by (state) (sum by (node, state) (lvs_agent_service_servers"
                    f"{OF_SERVICE}))", "{{state}}"), stacked=True, steps_only=True),
    )
    return board


def servers() -> Dashboard:
    out = f"lvs_agent_destination_out{OF_SERVICE}"
    states_out = '{node=~"$node",service=~"$service",state!="Serving"}'
    board = Dashboard("lvs-servers", "LVS / Servers", "Which real server is out of which service, and why.", [NODE, SERVICE])
    board.row(
        "Now",
        number("Serving", "Servers that get new connections, counted once for each service.",
               "max(sum by (node) (lvs_agent_service_servers"
               '{node=~"$node",service=~"$service",state="Serving"})) or vector(0)'),
        number("Out", "Servers that get no new connections, for any reason.",
               f"max(sum by (node) (lvs_agent_service_servers{states_out})) or vector(0)", bad_above=1),
        number("Down", "Of these, those whose health check fails.",
               "max(sum by (node) (lvs_agent_service_servers"
               '{node=~"$node",service=~"$service",state="Down"})) or vector(0)', bad_above=1),
        number("Pools kept open", "So many servers look dead that the check is taken to be wrong.",
               f"sum(max by (service) (lvs_agent_service_fail_open{OF_SERVICE})) or vector(0)", bad_above=1),
        number("Empty pools", "Services without any server that gets connections.",
               "count(max by (service) (lvs_agent_service_servers"
               '{node=~"$node",service=~"$service",state="Serving"}) == 0) or vector(0)', bad_above=1),
        number("Left, and draining", "Not in the plan any more; they keep their connections for a while.",
               f"max(lvs_agent_destinations_draining{ON_NODE}) or vector(0)"),
        table("Out now, and why", "`kubectl describe lvsrs` or `lvsctl status` says what went wrong. docs/metrics.md lists the reasons.",
              Column("service"), Column("server"), Column("reason"),
              Column("directors that say so", now(f"count by (service, server, reason) ({out})")), width=24),
    ).row(
        "Over time",
        lines("Out by reason", "On the director that says so most.",
              Query(f"max by (state) (sum by (node, state) (lvs_agent_service_servers{states_out}))", "{{state}}"),
              stacked=True, steps_only=True, width=12),
        states("Who was out", "A bar for each server while it is out.",
               Query(f"max by (service, server, reason) ({out})", "{{server}} of {{service}}: {{reason}}"),
               values={"1": ("out", RED)}),
    ).row(
        "Health checks",
        lines("Checks", "By result.",
              Query(rate("lvs_agent_health_probes_total", ON_NODE, "type, result"), "{{type}} {{result}}"), unit="ops"),
        lines("Time of a check", "Those without an answer included.",
              Query(quantile(0.5, "lvs_agent_health_probe_seconds", ON_NODE, "type"), "{{type}} half"),
              Query(quantile(0.99, "lvs_agent_health_probe_seconds", ON_NODE, "type"), "{{type}} 99 %"), unit="s"),
        lines("Checks begun late", "A director that has too many checks, or too little CPU, begins them late.",
              Query(quantile(0.99, "lvs_agent_health_probe_late_seconds", ON_NODE, "node"), "{{node}} 99 %"), unit="s"),
        lines("Checked and unhealthy", "By director. They disagree when one of them does not reach a server.",
              Query(f"lvs_agent_health_servers{ON_NODE}", "{{node}} checked"),
              Query(f"lvs_agent_health_servers_unhealthy{ON_NODE}", "{{node}} unhealthy"), steps_only=True, width=12),
        lines("VIPs accepted as a real server", "By node; read back from its kernel as wanted.",
              Query(f"lvs_agent_backends_prepared{ON_NODE} > 0", "{{node}}"), steps_only=True, width=12),
    )
    return board


def directors() -> Dashboard:
    board = Dashboard("lvs-directors", "LVS / Directors", "Heartbeats, kernel programming and drift, by node.", [NODE])
    board.row(
        "Heartbeats",
        states("Hears", "Red: no heartbeats of that director arrive.",
               Query(f"max by (node, peer) (lvs_agent_director_heard{ON_NODE})", "{{node}} hears {{peer}}"),
               values={"1": ("yes", GREEN), "0": ("no", RED)}, width=8),
        states("Connections synced", "Red: at the next failover to or from this director connections break.",
               Query(f"max by (node) (lvs_agent_connections_synced{ON_NODE})", "{{node}}"),
               values={"1": ("yes", GREEN), "0": ("no", RED)}, width=8),
        states("Concerns", "What between the directors is not as it should be: docs/moves.md.",
               Query(f"max by (vip, node, concern) (lvs_agent_vip_concern{ON_NODE})", "{{vip}} on {{node}}: {{concern}}"),
               values={"1": ("concern", ORANGE)}, width=8),
        lines("Round trip", "The last one measured, in full milliseconds.",
              Query(f"lvs_agent_heartbeat_round_trip_seconds{ON_NODE}", "{{node}} to {{peer}}"), unit="s", width=6),
        lines("Lost heartbeats", "Gaps in the other director's sequence.",
              Query(rate("lvs_agent_director_heartbeats_lost_total", ON_NODE, "node, peer"), "{{node}} from {{peer}}"),
              unit="ops", width=6),
        lines("Received heartbeats", "Those that counted.",
              Query(rate("lvs_agent_director_heartbeats_received_total", ON_NODE, "node, peer"),
                    "{{node}} from {{peer}}"), unit="ops", width=6),
        lines("Troubles", "Datagrams that were not believed or not sent.",
              Query(rate("lvs_agent_heartbeat_troubles_total", ON_NODE, "node, trouble"), "{{node}} {{trouble}}"),
              unit="ops", width=6),
    ).row(
        "Programming",
        lines("Until the kernel follows", "From the arrival of a plan or patch.",
              Query(quantile(0.5, "lvs_agent_plan_programming_seconds", ON_NODE, "node"), "{{node}} half"),
              Query(quantile(0.99, "lvs_agent_plan_programming_seconds", ON_NODE, "node"), "{{node}} 99 %"), unit="s"),
        lines("Kernel operations", "By kind.",
              Query(rate("lvs_agent_kernel_operations_total", ON_NODE, "operation, result"),
                    "{{operation}} {{result}}"), unit="ops"),
        lines("Operations refused", "By errno; the problems say which object.",
              Query(rate("lvs_agent_kernel_errors_total", ON_NODE, "node, errno"), "{{node}} {{errno}}"), unit="ops"),
        lines("Drift", "What somebody else has changed in the kernel; it is put right.",
              Query(rate("lvs_agent_drift_found_total", ON_NODE, "node"), "{{node}} found"),
              Query(rate("lvs_agent_drift_repaired_total", ON_NODE, "node"), "{{node}} repaired"), unit="ops"),
        lines("Destinations read", "By reconciliation.",
              Query(rate("lvs_agent_kernel_destinations_read_total", ON_NODE, "node"), "{{node}}"), unit="ops"),
        lines("Time to read the statistics", "For a scrape; in slices, programming goes in between.",
              Query(f"lvs_agent_statistics_read_seconds{ON_NODE}", "{{node}}"), unit="s"),
    ).row(
        "Plans",
        table("Plans", "Directors with the same services have plans that differ by their names only, and so their hashes.",
              Column("node"), Column("hash"),
              Column("stored", now(f"max by (node, hash) (lvs_agent_plan_info{ON_NODE} * on (node) group_left ()"
                                   " lvs_agent_plan_stored_timestamp_seconds) * 1000"), "dateTimeAsIso"),
              width=8),
        states("Kernel follows", "Red: something of the plan is not in the kernel yet, or refused.",
               Query(f"max by (node) (lvs_agent_plan_followed{ON_NODE})", "{{node}}"),
               values={"1": ("yes", GREEN), "0": ("no", RED)}, width=8),
        lines("Table sizes", "In the kernel.",
              Query(f"lvs_agent_services{ON_NODE}", "{{node}} services"),
              Query(f"lvs_agent_destinations{ON_NODE}", "{{node}} destinations"), steps_only=True),
        table("Versions", "What runs where.", Column("instance"), Column("component"), Column("version"),
              Column("running", now("count by (instance, component, version) (lvs_build_info)"))),
        lines("Connections turned away", "To the agent: no certificate, a wrong one, too many.",
              Query(rate("lvs_agent_connections_refused_total", ON_NODE, "node"), "{{node}}"), unit="ops", width=12),
    )
    return board


def operator() -> Dashboard:
    board = Dashboard("lvs-operator", "LVS / Operator", "Sources, planning, pushes and the API server.", [OPERATOR])
    board.row(
        "Now",
        table("Term", "0: does not lead. One leads.", Column("instance"),
              Column("term", now(f"max by (instance) (lvs_operator_term{OF_OPERATOR})")), width=6),
        states("Agents reached", "Red: the agent does not answer; it goes on by itself.",
               Query(f"max by (node) (lvs_operator_agent_reachable{OF_OPERATOR})", "{{node}}"),
               values={"1": ("yes", GREEN), "0": ("no", RED)}),
        number("Held deletions", "Objects that vanished in a mass; confirm, or restore them.",
               f"max(lvs_operator_held_deletions{OF_OPERATOR}) or vector(0)", bad_above=1, width=6),
    ).row(
        "Resources",
        lines("Objects", "By kind.", Query(f"max by (kind) (lvs_operator_objects{OF_OPERATOR})", "{{kind}}"),
              steps_only=True),
        lines("Objects with problems", "With an error or a warning; the log and the conditions say which.",
              Query(f"max by (kind) (lvs_operator_objects_with_problems{OF_OPERATOR})", "{{kind}}"), steps_only=True),
        lines("Sources", "Trouble: what is known may be old. Problems: files and objects that cannot be used.",
              Query(f"max by (source) (lvs_operator_source_trouble{OF_OPERATOR})", "{{source}} trouble"),
              Query(f"max by (source) (lvs_operator_source_problems{OF_OPERATOR})", "{{source}} problems"),
              steps_only=True),
    ).row(
        "Planning and pushing",
        lines("Time to plan", "To bring all plans up to date.",
              Query(quantile(0.5, "lvs_operator_planning_seconds", OF_OPERATOR, "instance"), "half"),
              Query(quantile(0.99, "lvs_operator_planning_seconds", OF_OPERATOR, "instance"), "99 %"), unit="s"),
        lines("Plannings and edits", "An edit is one entry of one node's plan.",
              Query(rate("lvs_operator_plannings_total", OF_OPERATOR, "instance"), "plannings"),
              Query(rate("lvs_operator_plan_edits_total", OF_OPERATOR, "instance"), "edits"), unit="ops"),
        lines("Time to push", "Until an agent has stored what was sent.",
              Query(quantile(0.5, "lvs_operator_push_seconds", OF_OPERATOR, "kind"), "{{kind}} half"),
              Query(quantile(0.99, "lvs_operator_push_seconds", OF_OPERATOR, "kind"), "{{kind}} 99 %"), unit="s"),
        lines("Pushes", "By kind and result.",
              Query(rate("lvs_operator_pushes_total", OF_OPERATOR, "kind, result"), "{{kind}} {{result}}"), unit="ops",
              width=12),
        lines("Bytes pushed", "By kind.",
              Query(rate("lvs_operator_push_bytes_total", OF_OPERATOR, "kind"), "{{kind}}"), unit="Bps", width=12),
    ).row(
        "API server (with Kubernetes only)",
        lines("Requests", "Code 0: no answer.",
              Query(rate("lvs_operator_api_requests_total", OF_OPERATOR, "verb, code"), "{{verb}} {{code}}"),
              unit="reqps"),
        lines("Time of requests", "Watches left out.",
              Query(quantile(0.5, "lvs_operator_api_request_seconds", OF_OPERATOR, "verb"), "{{verb}} half"),
              Query(quantile(0.99, "lvs_operator_api_request_seconds", OF_OPERATOR, "verb"), "{{verb}} 99 %"), unit="s"),
        lines("Status writes", "None while nothing changes.",
              Query(rate("lvs_operator_status_writes_total", OF_OPERATOR, "result"), "{{result}}"), unit="ops"),
    )
    return board


DASHBOARDS = (overview, service, servers, directors, operator)


def rendered() -> dict[Path, str]:
    boards = [make() for make in DASHBOARDS]
    return {HERE / f"{board.uid}.json": json.dumps(board.json(), indent=1) + "\n" for board in boards}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = [path for path, text in rendered().items() if not path.exists() or path.read_text() != text]
    if arguments:
        for path in stale:
            print(f"{path.name} is not what {Path(__file__).name} says; run deploy/grafana/dashboards.py")
        return 1 if stale else 0
    for path in stale:
        path.write_text(rendered()[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
