#!/usr/bin/env python3
"""Adds up JUnit files of the test layers and ends with the counts.

Usage: summary.py DIR LAYER [LAYER ...]: a layer whose DIR/LAYER.xml is missing counts as one failure.
"""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def counts(file: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of one JUnit file."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(file).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def second_tries(file: Path) -> list[str]:
    """Tests that failed, and passed when they ran alone: see second_try.py."""
    return [case.get("name", "") for case in ElementTree.parse(file).iter("testcase") if case.get("second-try")]


def failures(file: Path) -> list[str]:
    """Each failed test with the line that says why, for whoever sees nothing but the end of the output."""
    lines = []
    for case in ElementTree.parse(file).iter("testcase"):
        verdict = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
        if verdict is not None:
            why = " ".join((verdict.get("message") or "").split())
            lines.append(f"{case.get('classname', '')} {case.get('name', '')}: {why[:300]}")
    return lines


def main() -> int:
    folder, layers = Path(sys.argv[1]), sys.argv[2:]
    total = [0, 0, 0]
    print(f"\n{'layer':<16}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for layer in layers:
        file = folder / f"{layer}.xml"
        row = counts(file) if file.exists() else (0, 1, 0)
        print(f"{layer:<16}" + "".join(f"{n:>8}" for n in row) + ("" if file.exists() else "   did not run"))
        total = [a + b for a, b in zip(total, row)]
    for layer, file in [(layer, folder / f"{layer}.xml") for layer in layers]:
        for name in second_tries(file) if file.exists() else []:
            print(f"passed at the second try only, mend it: {layer} {name}")
        for line in failures(file) if file.exists() else []:
            print(f"failed: {layer} {line}")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
