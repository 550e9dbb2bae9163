"""A mail server and an SMS provider on 127.0.0.1, as rude as a test wants them."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler: type[socketserver.BaseRequestHandler]):
        self.got: list[Any] = []
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        return self.server_address[1]


class MailServer(Server):
    """Keeps the e-mails that it took. `rcpt` and `data` are its answers; `wait` delays the latter."""

    rcpt = "250 ok"
    data = "250 taken"
    wait: threading.Event | None = None
    goodbye = True

    def __init__(self) -> None:
        self.reading = threading.Event()
        super().__init__(MailConversation)


class MailConversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 fake")
        for line in self.rfile:
            verb = line.decode().split()[0].upper().split(":")[0]
            if verb == "QUIT":
                if self.server.goodbye:
                    self.say("221 bye")
                return
            if verb == "DATA":
                self.letter()
            else:
                self.say(self.server.rcpt if verb == "RCPT" else "250 ok")

    def letter(self) -> None:
        self.say("354 go on")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.server.reading.set()
        if self.server.wait:
            self.server.wait.wait(30)
        if self.server.data.startswith("250"):
            self.server.got.append(message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default))
        self.say(self.server.data)


class SmsServer(Server):
    """Keeps the forms that it got, and answers each with `answer` under `status`."""

    answer: Any = {"count": 1, "list": [{"id": "SMS1", "points": 0.1, "status": "QUEUE", "error": None}]}
    status = 200

    def __init__(self) -> None:
        super().__init__(SmsConversation)


class SmsConversation(BaseHTTPRequestHandler):
    server: SmsServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.got.append((self.headers["Authorization"], form))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.answer).encode())

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
