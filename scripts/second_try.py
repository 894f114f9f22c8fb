#!/usr/bin/env python3
"""Runs the tests of a layer that have just failed once more, one at a time, and says which passed then.

Some tests use real sockets, threads and a kernel that is busy with other things. What passes alone is not
broken, but it is not well written either: it is counted, and named in the summary. What fails again has failed.

Usage: second_try.py JUNIT_FILE ctest BUILD_DIR
       second_try.py JUNIT_FILE pytest FOLDER COMMAND [ARGUMENT...]
FOLDER: where the names in the file begin. COMMAND gets --junitxml=FILE and the names of tests.
"""
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

Case = ElementTree.Element

# So many are no accident, and would take long.
MOST = 10
# What a sanitizer has found is not undone by a run in which it finds nothing.
SANITIZERS = ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:")


def key(case: Case) -> tuple[str, str]:
    return case.get("classname", ""), case.get("name", "")


def has_failed(case: Case) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def failed_cases(tree: ElementTree.ElementTree) -> dict[tuple[str, str], Case]:
    return {key(case): case for case in tree.iter("testcase") if has_failed(case)}


def again_by_ctest(file: Path, failed: dict[tuple[str, str], Case], arguments: list[str]) -> None:
    subprocess.run(["ctest", "--test-dir", arguments[0], "--rerun-failed", "--output-on-failure", "-j", "1",
                    "--output-junit", str(file)], check=False)


def again_by_pytest(file: Path, failed: dict[tuple[str, str], Case], arguments: list[str]) -> None:
    folder, command = Path(arguments[0]), arguments[1:]
    names = [f"{folder / module.replace('.', '/')}.py::{name}" for module, name in failed]
    subprocess.run([*command, f"--junitxml={file}", *names], check=False)


def main() -> int:
    file, runner, arguments = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if not file.exists():
        return 1
    tree = ElementTree.parse(file)
    failed = failed_cases(tree)
    if not failed or len(failed) > MOST:
        return 1
    print(f"\n==> {len(failed)} failed; once more, alone", flush=True)
    again = file.with_suffix(".again").resolve()
    {"ctest": again_by_ctest, "pytest": again_by_pytest}[runner](again, failed, arguments)
    if not again.exists():
        return 1
    passed = {key(case) for case in ElementTree.parse(again).iter("testcase")
              if not has_failed(case) and case.find("skipped") is None}
    again.unlink()
    for name, case in failed.items():
        if name not in passed or any(word in "".join(case.itertext()) for word in SANITIZERS):
            continue
        for verdict in [*case.findall("failure"), *case.findall("error")]:
            case.remove(verdict)
        case.set("status", "run")
        case.set("second-try", "passed")
    tree.write(file)
    return 1 if failed_cases(tree) else 0


if __name__ == "__main__":
    sys.exit(main())
