"""A worker process as its parent sees it: started, given tasks, heard by a thread, ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Any

from understudy.errors import WorldError
from understudy.generation import channel
from understudy.model.plan import Plan

GRACE_S = 2.0
"""How long a worker may take to end before it is killed; it ends within milliseconds unless the machine hangs."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")
"""One thread a worker: the cores are taken by the other workers."""

COMMAND = "from understudy.generation.worker import main; main()"

Inbox = queue.SimpleQueue[tuple["Member", Any]]


class Member:
    """One worker. ``busy``: tasks that it has not answered yet. Messages go to ``inbox``; None says that it ended."""

    def __init__(self, number: int, inbox: Inbox) -> None:
        if not sys.executable:
            raise WorldError("this Python has no executable to start workers with", mend="Use --workers 1.")
        environment = {
            **os.environ,
            **dict.fromkeys(THREADS, "1"),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }
        self.number, self.busy = number, 0
        # -P: a file of the working folder must not pass for a library. A process group of its own: Ctrl-C in a
        # terminal reaches the parent alone, which ends its workers, also while they are still starting.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            process_group=0 if os.name == "posix" else None,
        )
        self._reader = threading.Thread(target=self._read, args=(inbox,), daemon=True)
        self._reader.start()

    def _read(self, inbox: Inbox) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                inbox.put((self, channel.receive(self.process.stdout)))  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError):
            inbox.put((self, None))
        except BaseException as error:  # told where somebody waits, who would otherwise wait for ever
            inbox.put((self, ("unreadable", error)))

    def send(self, task: tuple[Any, ...], plan: Plan | None = None) -> None:
        """Give a task; WorldError if the worker is gone."""
        assert self.process.stdin is not None
        self.busy += 1
        try:
            channel.send(self.process.stdin, task, plan)  # type: ignore[arg-type]
        except OSError as error:
            raise self.death() from error

    def death(self) -> WorldError:
        """What to say of a worker that ended."""
        code = self.process.wait()
        why = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        hint = "Repeat the command; what is written whole can be kept with --resume."
        if os.name == "posix" and code == -signal.SIGKILL:
            hint = "It may have run out of memory: use fewer workers."
        return WorldError(f"worker {self.number} ended unexpectedly ({why})", where="generation", mend=hint)

    def leave(self) -> None:
        """Close its channel: it ends by itself, whatever it is doing."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()

    def end(self) -> None:
        """Wait until it has ended; kill it where it does not."""
        self.leave()
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(GRACE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
