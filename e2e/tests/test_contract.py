"""The contract suite of tests/contract on the real kernel; `make test-host` runs it against the fake."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

BUILD = Path(os.environ.get("LVS_BUILD_DIR", Path(__file__).resolve().parents[2] / "build" / "dev"))


def test_the_real_kernel_keeps_the_contract() -> None:
    suite = subprocess.run(
        [BUILD / "tests" / "contract" / "contract_tests", "--gtest_filter=*Linux*", "--gtest_brief=1"],
        env={**os.environ, "LVS_CONTRACT_REAL_KERNEL": "1"}, capture_output=True, text=True, timeout=900)
    assert suite.returncode == 0, suite.stdout[-8000:] + suite.stderr[-2000:]
    assert "[  PASSED  ] 0 tests" not in suite.stdout
