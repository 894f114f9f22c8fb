#!/usr/bin/python3
"""load_generator.py URL: requests over HTTP, one connection each, until told to stop.

  --concurrency N   connections at the same time (1)
  --requests N      end after N requests; without it, end on SIGTERM
  --rate R          requests per second over all connections; without it, as fast as it goes
  --timeout S       a request that takes longer has failed (3)

Prints one JSON object at the end: see `report`. The body of an answer is the server's name.
"""

import argparse
import collections
import json
import signal
import socket
import threading
import time
import urllib.parse


class Load:
    """Shared by the threads; the lock guards everything below it."""

    def __init__(self, options: argparse.Namespace) -> None:
        url = urllib.parse.urlsplit(options.url)
        self.address = (url.hostname, url.port or 80)
        path = url.path or "/"
        self.request = f"GET {path} HTTP/1.0\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode()
        self.options = options
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.started = time.time()
        self.begun = 0
        self.latencies: list[float] = []
        self.servers: collections.Counter[str] = collections.Counter()
        self.failures: list[tuple[float, str]] = []

    def next_turn(self) -> bool:
        """Waits for this thread's turn under the rate. False when there is nothing left to do."""
        with self.lock:
            if self.options.requests and self.begun >= self.options.requests:
                return False
            turn = self.begun
            self.begun += 1
        if self.options.rate:
            due = self.started + turn / self.options.rate
            return not self.stop.wait(max(0.0, due - time.time()))
        return not self.stop.is_set()

    def one(self) -> str:
        """One request; returns the body. Raises OSError or ValueError."""
        with socket.create_connection(self.address, timeout=self.options.timeout) as connection:
            connection.sendall(self.request)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if status != [b"200"]:
            raise ValueError(f"status {status[0].decode() if status else 'missing'}")
        return body.decode().strip()

    def worker(self) -> None:
        while self.next_turn():
            begin = time.time()
            try:
                server, failure = self.one(), ""
            except (OSError, ValueError) as error:
                failure = str(error) if isinstance(error, ValueError) else type(error).__name__
            with self.lock:
                if failure:
                    self.failures.append((round(begin - self.started, 3), failure))
                else:
                    self.latencies.append(time.time() - begin)
                    self.servers[server] += 1

    def report(self) -> dict[str, object]:
        seconds = time.time() - self.started
        ordered = sorted(self.latencies) or [0.0]
        percentiles = {str(p): round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000, 2)
                       for p in (50, 90, 95, 99)}
        return {
            "ok": len(self.latencies),
            "failed": len(self.failures),
            "reasons": dict(collections.Counter(reason for _, reason in self.failures)),
            "failed_at": [at for at, _ in self.failures][:1000],
            "seconds": round(seconds, 3),
            "rate": round(len(self.latencies) / seconds, 1),
            "milliseconds": {**percentiles, "max": round(ordered[-1] * 1000, 2)},
            "servers": dict(self.servers),
        }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--timeout", type=float, default=3)
    return parser.parse_args()


def main() -> None:
    load = Load(parse())
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: load.stop.set())
    threads = [threading.Thread(target=load.worker) for _ in range(load.options.concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
    print(json.dumps(load.report()), flush=True)


if __name__ == "__main__":
    main()
