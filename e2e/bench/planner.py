#!/usr/bin/env python3
"""planner.py BENCH_PLANNER: planning 1,000 services of 100 real servers, and one change among more and more of them.

Prints what the project promises beside what was measured; ends with 1 if something falls short.
"""

from __future__ import annotations

import json
import subprocess
import sys


def medians(program: str) -> dict[str, float]:
    """Name of the benchmark to milliseconds, the median of five runs."""
    said = subprocess.run([program, "--benchmark_format=json", "--benchmark_repetitions=5"], check=True,
                          capture_output=True, text=True).stdout
    to_ms = {"us": 1e-3, "ms": 1.0, "ns": 1e-6, "s": 1e3}
    return {each["run_name"]: each["real_time"] * to_ms[each["time_unit"]]
            for each in json.loads(said)["benchmarks"] if each.get("aggregate_name") == "median"}


def main() -> int:
    found = medians(sys.argv[1])
    for name, milliseconds in found.items():
        print(f"  {name:<64}{milliseconds:>10.3f} ms")
    whole = max(ms for name, ms in found.items() if name.startswith("plan_from_nothing"))
    promises = [("planning 1,000 services x 100, worst case: at most 200 ms", whole, 200.0)]
    for kind in ("plan_one_weight", "plan_one_report"):
        few, many = (found[f"{kind}/services:{count}"] for count in (10, 1000))
        promises.append((f"{kind}: among 1,000 services as quick as among 10, times at most 2", many / few, 2.0))
    short = 0
    for what, value, most in promises:
        short += value > most
        print(f"  {what:<72}{value:>8.2f}  {'holds' if value <= most else 'FALLS SHORT'}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
