"""For each alert: series that make it fire, with the labels that it then has, and series that do not."""

from __future__ import annotations

from dataclasses import dataclass, field

Series = dict[str, str]  # name{labels}: values every 30 s, in promtool's notation


@dataclass(frozen=True)
class Case:
    alert: str
    fires: Series
    quiet: Series
    labels: dict[str, str] = field(default_factory=dict)
    value: str = "1"
    at: str = "20m"


VIP = 'vip="192.0.2.1"'
WEB = 'service="TCP 192.0.2.1:80"'
ON_A, ON_B = 'node="a"', 'node="b"'
INFO = f'lvs_agent_service_info{{{ON_A},{WEB},virtual_service="shop/web",scheduler="wrr"}}'
OF_WEB = {"service": "TCP 192.0.2.1:80", "virtual_service": "shop/web"}
ALWAYS, NEVER = "1x60", "0x60"


def holder(a: str, b: str) -> Series:
    return {f"lvs_agent_vip_holder{{{ON_A},{VIP}}}": a, f"lvs_agent_vip_holder{{{ON_B},{VIP}}}": b}


def concern(which: str) -> Series:
    return {f'lvs_agent_vip_concern{{{ON_A},{VIP},concern="{which}"}}': ALWAYS}


def serving(count: int) -> Series:
    return {INFO: ALWAYS, f'lvs_agent_service_servers{{{ON_A},{WEB},state="Serving"}}': f"{count}x60"}


def out(reason: str) -> Series:
    return {f'lvs_agent_destination_out{{{ON_A},{WEB},server="192.0.2.7:80",reason="{reason}"}}': ALWAYS}


def problem(reason: str, count: int) -> Series:
    return {f'lvs_agent_problems{{{ON_A},reason="{reason}"}}': f"{count}x60"}


def troubles(kind: str) -> Series:
    return {f'lvs_agent_heartbeat_troubles_total{{{ON_A},trouble="{kind}"}}': "0+60x60"}


CASES = [
    Case("LvsVipWithoutHolder", holder(NEVER, NEVER), holder(ALWAYS, NEVER), {"vip": "192.0.2.1"}, "0"),
    # A move as two scrapes may see it: both for an instant.
    Case("LvsVipTwoHolders", holder(ALWAYS, ALWAYS), holder("1x39 0x20", "0x38 1x20"), {"vip": "192.0.2.1"}, "2"),
    Case("LvsVipClaimedByStranger", concern("StrangerClaimsVip"), concern("NotFit"), {"vip": "192.0.2.1"}),
    Case("LvsVipFlapping", holder("1x10 0x5 1x5 0x20", "0x10 1x5 0x5 1x20"), holder("1x20 0x40", "0x20 1x40"),
         {"vip": "192.0.2.1"}, "3", at="15m"),
    Case("LvsVipConcern", concern("NoSuccessor"), concern("StrangerClaimsVip"),
         {"vip": "192.0.2.1", "node": "a", "concern": "NoSuccessor"}),
    Case("LvsDirectorNotHeard", {f'lvs_agent_director_heard{{{ON_A},peer="b"}}': NEVER},
         {f'lvs_agent_director_heard{{{ON_A},peer="b"}}': ALWAYS}, {"node": "a", "peer": "b"}, "0"),
    Case("LvsConnectionsNotSynced", {f"lvs_agent_connections_synced{{{ON_A}}}": NEVER},
         {f"lvs_agent_connections_synced{{{ON_A}}}": ALWAYS}, {"node": "a"}, "0"),
    Case("LvsHeartbeatsForged", troubles("bad_mac"), troubles("repeated"), {"node": "a", "trouble": "bad_mac"}, "2"),
    Case("LvsPoolEmpty", serving(0), serving(1), OF_WEB),
    Case("LvsPoolFailOpen", {INFO: ALWAYS, f"lvs_agent_service_fail_open{{{ON_A},{WEB}}}": ALWAYS},
         {INFO: ALWAYS, f"lvs_agent_service_fail_open{{{ON_A},{WEB}}}": NEVER}, OF_WEB),
    # Who is drained is out because somebody asked for it.
    Case("LvsServerOut", out("Down"), out("Draining"),
         {"service": "TCP 192.0.2.1:80", "server": "192.0.2.7:80", "reason": "Down"}),
    Case("LvsAgentUnreachable", {f"lvs_operator_agent_reachable{{{ON_A}}}": NEVER},
         {f"lvs_operator_agent_reachable{{{ON_A}}}": ALWAYS}, {"node": "a"}, "0"),
    Case("LvsKernelDoesNotFollow", {f"lvs_agent_plan_followed{{{ON_A}}}": NEVER},
         {f"lvs_agent_plan_followed{{{ON_A}}}": ALWAYS}, {"node": "a"}, "0"),
    Case("LvsKernelRefuses", problem("KernelRefused", 2), problem("KernelRefused", 0),
         {"node": "a", "reason": "KernelRefused"}, "2"),
    # Once is an administrator's slip.
    Case("LvsDriftPersists", {f"lvs_agent_drift_found_total{{{ON_A}}}": "0+1x60"},
         {f"lvs_agent_drift_found_total{{{ON_A}}}": "0x20 5x40"}, {"node": "a"}, "10"),
    Case("LvsPlanNotStored", problem("PlanNotStored", 1), problem("ForeignAddress", 1),
         {"node": "a", "reason": "PlanNotStored"}),
    Case("LvsOperatorWithoutLeader", {'lvs_operator_term{instance="o"}': NEVER},
         {'lvs_operator_term{instance="o"}': NEVER, 'lvs_operator_term{instance="p"}': "7x60"}),
    Case("LvsPlanStale", {'lvs_operator_source_trouble{source="kubernetes"}': ALWAYS},
         {'lvs_operator_source_trouble{source="kubernetes"}': NEVER}, {"source": "kubernetes"}),
    Case("LvsPushesFail", {'lvs_operator_pushes_total{kind="put",result="unavailable"}': "0+30x60"},
         {'lvs_operator_pushes_total{kind="put",result="ok"}': "0+30x60"}, {"kind": "put", "result": "unavailable"}, "1"),
    Case("LvsDeletionsHeld", {'lvs_operator_held_deletions{instance="o"}': "4x60"},
         {'lvs_operator_held_deletions{instance="o"}': NEVER}, {}, "4"),
    Case("LvsResourcesUnusable", {'lvs_operator_objects_with_problems{kind="RealServer"}': "2x60"},
         {'lvs_operator_objects_with_problems{kind="RealServer"}': NEVER}, {"kind": "RealServer"}, "2"),
]
