"""A TCP proxy between a client and a server on loopback that can cut, stall, refuse and count.

Bytes pass through untouched, so TLS goes end to end. Two threads for each connection: enough for
tests, and easy to see right.
"""

import socket
import struct
import threading

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Use as a context manager. `port` is the one to connect to."""

    def __init__(self, target_port: int, target_host: str = "127.0.0.1", listen_host: str = "127.0.0.1"):
        self._target = (target_host, target_port)
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._half_closed: set[tuple[socket.socket, socket.socket]] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self.accepted = 0  # connections since the start
        self.cut_count = 0  # connections that cut() ended
        self._listener = socket.create_server((listen_host, 0))
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="proxy-accept", daemon=True)
        self._acceptor.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    @property
    def open_connections(self) -> int:
        with self._lock:
            return len(self._pairs)

    def cut(self) -> int:
        """Ends every open connection without a word of TLS; new ones are accepted. Returns how many."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._end(pair)
        self.cut_count += len(pairs)
        return len(pairs)

    def stall(self) -> None:
        """Passes nothing on, in either direction; connections stay open, new ones are accepted."""
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def refuse(self, refusing: bool = True) -> None:
        """Ends every new connection at once. Open ones live on."""
        self._refusing = refusing

    def close(self) -> None:
        # shutdown() wakes the thread that sits in accept(); close() alone would not.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._acceptor.join()
        self._listener.close()
        self.cut()
        self._flowing.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self._refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._start((client, server))

    def _start(self, pair):
        with self._lock:
            self._pairs.add(pair)
        for source, sink in (pair, pair[::-1]):
            threading.Thread(target=self._pump, args=(pair, source, sink), name="proxy-pump",
                             daemon=True).start()

    def _pump(self, pair, source, sink):
        try:
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
            self._flowing.wait()
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(pair)
            return
        # The other direction goes on until its own end; the last of the two cleans up.
        with self._lock:
            both_done = pair in self._half_closed
            self._half_closed ^= {pair}
        if both_done:
            self._end(pair)

    def _end(self, pair):
        with self._lock:
            if pair not in self._pairs:
                return
            self._pairs.discard(pair)
            self._half_closed.discard(pair)
        for end in pair:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                end.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
            except OSError:
                pass
            end.close()
