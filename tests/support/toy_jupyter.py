"""A Jupyter kernel for tests: Python code in one namespace, which has the kernel's own sockets.

`say` sends a message on a channel, `raw` frames; `ask` is a prompt. `complete` may be replaced.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

CHANNELS = {
    "shell": zmq.ROUTER,
    "control": zmq.ROUTER,
    "stdin": zmq.ROUTER,
    "iopub": zmq.PUB,
}
Message = dict[str, Any]


class Kernel:
    def __init__(self, connection_file: str) -> None:
        info = json.loads(Path(connection_file).read_text(encoding="utf-8"))
        self.session = Session(key=info["key"].encode())
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.sockets = {}
        for name, kind in CHANNELS.items():
            self.sockets[name] = socket = self.context.socket(kind)
            socket.linger = 0
            socket.bind(f"tcp://{info['ip']}:{info[f'{name}_port']}")
        self.sending = threading.RLock()
        self.parent: Message = {}
        self.ident: list[bytes] = []
        self.namespace: Message = {"kernel": self, "say": self.say, "raw": self.raw}
        self.namespace |= {"ask": self.ask, "complete": lambda _: []}

    def say(self, channel: str, kind: str, content: Message, parent: Message | None = None) -> None:
        with self.sending:
            self.session.send(
                self.sockets[channel],
                kind,
                content,
                parent=self.parent if parent is None else parent,
                ident=None if channel == "iopub" else self.ident,
            )

    def raw(self, channel: str, *frames: bytes) -> None:
        with self.sending:
            ident = [] if channel == "iopub" else self.ident
            self.sockets[channel].send_multipart([*ident, *frames])

    def ask(self, prompt: str) -> str:
        self.say("stdin", "input_request", {"prompt": prompt, "password": False})
        return str(self.receive("stdin")[1]["content"]["value"])

    def receive(self, channel: str) -> tuple[list[bytes], Message]:
        ident, message = self.session.recv(self.sockets[channel], 0)
        assert ident is not None
        assert message is not None
        return ident, message

    def control(self) -> None:
        while True:
            ident, message = self.receive("control")
            with self.sending:
                socket = self.sockets["control"]
                self._status("busy", message)
                self.session.send(socket, "kernel_info_reply", {}, message, ident)
                self._status("idle", message)

    def serve(self) -> None:
        threading.Thread(target=self.control, daemon=True).start()
        while True:
            self.ident, message = self.receive("shell")
            self.parent = message
            self._status("busy", message)
            kind = message["msg_type"].removesuffix("_request")
            content = getattr(self, kind)(message["content"])
            self.say("shell", f"{kind}_reply", content, message)
            self._status("idle", message)

    def kernel_info(self, _: Message) -> Message:
        return {"status": "ok"}

    def execute(self, content: Message) -> Message:
        try:
            exec(compile(content["code"], "query", "exec"), self.namespace)  # noqa: S102
        except Exception as error:  # noqa: BLE001 - whatever the query raises
            traceback.print_exc()
            return {"status": "error", "ename": type(error).__name__, "evalue": str(error)}
        return {"status": "ok"}

    def complete(self, content: Message) -> Message:
        found = self.namespace["complete"](content)
        if isinstance(found, dict):
            return found
        return {"status": "ok", "matches": found, "cursor_start": 0, "cursor_end": 1}

    def _status(self, state: str, parent: Message) -> None:
        self.say("iopub", "status", {"execution_state": state}, parent)


if __name__ == "__main__":
    Kernel(sys.argv[1]).serve()
