#!/usr/bin/python3
"""smtp_banner.py NAME: answers on port 25 with an SMTP banner, knows HELO, EHLO, NOOP and QUIT.

Prints "client ADDRESS" for every connection.
"""

import socket
import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    """One client."""

    name = "mail"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        print(f"client {self.client_address[0].removeprefix('::ffff:')}", flush=True)
        self.say(f"220 {self.name} ESMTP")
        for raw in self.rfile:
            words = raw.decode(errors="replace").split()
            command = words[0].upper() if words else ""
            if command == "QUIT":
                self.say("221 bye")
                return
            known = command in ("HELO", "EHLO", "NOOP")
            self.say(f"250 {self.name}" if known else "502 not here")


class Server(socketserver.ThreadingTCPServer):
    """Both families on one socket."""

    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Session.name = sys.argv[1]
    Server(("::", 25), Session).serve_forever()
