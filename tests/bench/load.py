"""A small load generator: threads that ask for one page again and again, over plain sockets.

The workers are of gunicorn's kind "sync", which close the connection after each answer; so do we.
"""

import socket
import threading
import time
from dataclasses import dataclass, field

HOST = "portal.example"


@dataclass
class Server:
    """Where to ask, as the proxy before it would: with the outer host and scheme."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, path: str, *, method: str = "GET", body: bytes = b"", headers: str = "") -> bytes:
        """The whole request as it goes over the wire."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nAccept-Language: pl\r\n"
            f"Cookie: {cookies}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        )
        return head.encode() + body

    def ask(self, path: str, **kwargs: str | bytes) -> tuple[int, str, bytes]:
        """Status, head and body of one answer."""
        answer = exchange(self.port, self.request(path, **kwargs))  # type: ignore[arg-type]
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def rate(server: Server, path: str, *, seconds: float, clients: int) -> float:
    """Answers in a second with so many clients at once. Raises where an answer is not 200."""
    request, counts, faults = server.request(path), [0] * clients, []
    start = time.perf_counter()

    def client(number: int) -> None:
        while time.perf_counter() - start < seconds and not faults:
            answer = exchange(server.port, request)
            if not answer.startswith(b"HTTP/1.1 200"):
                faults.append(answer[:200])
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{path} answered {faults[0]!r}")
    return sum(counts) / (time.perf_counter() - start)
