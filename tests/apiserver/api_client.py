"""Requests to the API server as a program makes them, without kubectl."""

import http.client
import json
import pathlib
import ssl
import time


class ApiError(RuntimeError):
    """An answer of the API server that is not 2xx. `body` is its metav1.Status."""

    def __init__(self, code: int, body):
        self.code, self.body = code, body
        super().__init__(body.get("message", "") if isinstance(body, dict) else str(body))


class ApiClient:
    """Plain HTTPS to the API server with a client certificate: one short connection per request.

    A server that has just started answers 429 for a moment (its watch cache fills): tried again.
    """

    def __init__(self, port: int, authority: pathlib.Path, certificate: pathlib.Path, key: pathlib.Path):
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(authority))
        self._tls.load_cert_chain(str(certificate), str(key))

    def request(self, method: str, path: str, body=None, content_type: str = "application/json",
                timeout: float = 30):
        """The parsed answer; of a watch (to its timeoutSeconds) the list of its events."""
        deadline = time.monotonic() + timeout
        while True:
            answer, text = self._once(method, path, body, content_type, timeout)
            if answer.status != 429 or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        is_json = answer.headers.get_content_type() == "application/json"
        if is_json and "watch=" in path and answer.status == 200:
            return [json.loads(line) for line in text.splitlines()]
        parsed = json.loads(text) if is_json else text.decode(errors="replace")
        if not 200 <= answer.status < 300:
            raise ApiError(answer.status, parsed)
        return parsed

    def _once(self, method, path, body, content_type, timeout):
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls, timeout=timeout)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, body=data, headers={"Content-Type": content_type})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()
