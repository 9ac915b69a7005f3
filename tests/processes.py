"""Processes with the tests' settings, to be killed in the middle of something, or to write at the same time.

Each is forked from one that has loaded Django and all views, which takes 1.5 s of processor time. For
processes with other settings use `subprocess`.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


def _run(pipes: list[Connection], task: Callable[..., None], given: tuple[Any, ...]) -> None:
    for number, pipe in enumerate(pipes, start=1):
        os.dup2(pipe.fileno(), number)
    task(*given)


class Forked:
    """Run `task(*given)` in a process. The task is a function of a module, and is passed the database to use.

    is_heard: its output can be read, from `lines` while it runs, the rest from `end`.
    """

    def __init__(self, task: Callable[..., None], *given: object, is_heard: bool = True) -> None:
        pipes = [_context.Pipe(duplex=False) for _ in range(2 if is_heard else 0)]
        theirs = [writer for _reader, writer in pipes]
        self.process = _context.Process(target=_run, args=(theirs, task, given), daemon=True)
        self.process.start()
        for writer in theirs:
            writer.close()  # otherwise the pipe stays open after the process has ended
        self._pipes = [os.fdopen(os.dup(reader.fileno()), encoding="utf-8") for reader, _writer in pipes]
        for reader, _writer in pipes:
            reader.close()
        self.lines = self._pipes[0] if is_heard else None

    def kill(self) -> None:
        self.process.kill()

    def wait(self, seconds: float = 60) -> int:
        """Return the exit status; negative for the signal that ended it, as with `subprocess`."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "it does not end"
        return self.process.exitcode

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit status, the output after the lines read so far, and stderr."""
        status = self.wait(120)
        out, errors = (pipe.read() for pipe in self._pipes)
        self.close()
        return status, out, errors

    def close(self) -> None:
        self.process.kill()
        self.process.join(20)
        self.process.close()
        for pipe in self._pipes:
            pipe.close()
