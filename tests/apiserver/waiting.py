"""Waits for what other processes bring about."""

import time


def eventually(condition, what, timeout: float = 60):
    """The first true value of condition(); generous, for busy machines. `what`: text, or what makes it."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout} s: {what() if callable(what) else what}"
        time.sleep(0.05)
