#!/usr/bin/python3
"""stream_generator.py COUNT URL…: connections that stay open, until told to stop.

Opens COUNT connections to each URL, and asks on each of them again and again (HTTP keep-alive), twice
a second. Says "open" when all stand. On SIGTERM it prints one JSON object: how many connections were
opened, how many live, why the others ended, the number of answers, and the longest wait for one.
"""

import collections
import json
import signal
import socket
import sys
import threading
import time
import urllib.parse

_PAUSE, _PATIENCE = 0.5, 20.0


class Stream(threading.Thread):
    """One connection; `broken` says why it ended before its time."""

    def __init__(self, where: str, stop: threading.Event) -> None:
        super().__init__()
        url = urllib.parse.urlsplit(where)
        self.request = f"GET {url.path or '/'} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
        self.stop = stop
        self.broken, self.answers, self.longest = "", 0, 0.0
        self.connection = socket.create_connection((url.hostname, url.port or 80), timeout=_PATIENCE)

    def one(self) -> None:
        begin = time.monotonic()
        self.connection.sendall(self.request)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"\n"):
            chunk = self.connection.recv(65536)
            if not chunk:
                raise ConnectionError("closed")
            answer += chunk
        self.answers += 1
        self.longest = max(self.longest, time.monotonic() - begin)

    def run(self) -> None:
        try:
            while not self.stop.wait(_PAUSE):
                self.one()
        except OSError as error:
            self.broken = type(error).__name__
        self.connection.close()


def main() -> None:
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    streams = [Stream(where, stop) for where in sys.argv[2:] for _ in range(int(sys.argv[1]))]
    for stream in streams:
        stream.start()
    print("open", flush=True)
    for stream in streams:
        while stream.is_alive():
            stream.join(0.2)
    broken = collections.Counter(stream.broken for stream in streams if stream.broken)
    print(json.dumps({
        "opened": len(streams),
        "alive": len(streams) - broken.total(),
        "broken": dict(broken),
        "answers": sum(stream.answers for stream in streams),
        "longest": round(max(stream.longest for stream in streams), 3),
    }), flush=True)


if __name__ == "__main__":
    main()
