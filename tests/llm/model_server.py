"""A server on this machine that speaks the protocols of Anthropic, OpenAI and Azure OpenAI, and behaves as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[dict[str, Any], int], tuple[int, dict[str, str], Any]]
"""(request, its number from 0) → status, headers, the answer's content (text, or a thing to write as JSON)."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply = reply
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("x-api-key") or self.headers.get("api-key") or self.headers.get("Authorization", "")
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append({"path": self.path, "key": key, "body": body})
        status, headers, content = self.server.reply(body, number)
        if status == 0:  # a broken answer: not even JSON
            raw = str(content).encode()
            status = 200
        elif status != 200:
            raw = json.dumps({"error": {"type": "trouble", "message": str(content)}}).encode()
        elif self.path.endswith("/messages"):
            raw = json.dumps(_anthropic(body, content)).encode()
        else:
            raw = json.dumps(_openai(body, content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


def _anthropic(body: dict[str, Any], content: Any) -> dict[str, Any]:
    text = isinstance(content, str)
    block = (
        {"type": "text", "text": content}
        if text
        else {"type": "tool_use", "id": "1", "name": "answer", "input": content}
    )
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [block],
        "stop_reason": "end_turn" if text else "tool_use",
        "usage": {"input_tokens": 120, "output_tokens": 30},
    }


def _openai(body: dict[str, Any], content: Any) -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150},
    }


@contextmanager
def serving(reply: Reply) -> Iterator[Server]:
    server = Server(reply)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def always(content: Any) -> Reply:
    return lambda _body, _number: (200, {}, content)


def slow(seconds: float, content: Any) -> Reply:
    def reply(_body: dict[str, Any], _number: int) -> tuple[int, dict[str, str], Any]:
        time.sleep(seconds)
        return 200, {}, content

    return reply


def first(failures: list[tuple[int, dict[str, str], Any]], content: Any) -> Reply:
    """Fails in these ways first, then answers."""
    return lambda _body, number: failures[number] if number < len(failures) else (200, {}, content)
