"""常驻事件循环 one thread per process in which everything that speaks to the gateway lives.

A loop, its HTTP connections and its Redis connection are kept for the life of the process: opening
them for every household cost more than the questions. Callers hand work in and wait in their own
threads, where their database connections are. A forked child never touches what it inherited (the
sockets are its parent's): it starts an engine of its own at its first question.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
_lock = threading.Lock()
_engines: list[Engine] = []  # the last one is ours; others were inherited and must never be freed


class Engine:
    """A running event loop in a daemon thread."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._turn, name="datashare", daemon=True)
        self.thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work in the loop, in a copy of the caller's context."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def close(self, farewell: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let `farewell` close what is open, then stop."""
        try:
            self.submit(farewell()).result(2)
        except Exception:
            return
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(2)

    def _turn(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


def engine() -> Engine:
    """This process's engine, started when first needed."""
    with _lock:
        if not _engines or _engines[-1].process != os.getpid():
            _engines.append(Engine())
        return _engines[-1]


def at_exit(farewell: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Close connections in order when the process ends."""

    def end() -> None:
        if _engines and _engines[-1].process == os.getpid():
            _engines[-1].close(farewell)

    atexit.register(end)


def _child_begins() -> None:
    """After a fork: the lock may have been held by a thread that does not exist here."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_child_begins)


class Errands:
    """代办 what the loop has to ask of the waiting caller: the database is the caller's.

    The caller's thread runs errands while it waits for `Future`s of the engine; an errand asked
    for while it is busy elsewhere waits until it comes back.
    """

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    async def run(self, work: Callable[[], T]) -> T:
        """Have `work` done in the caller's thread (called in the loop)."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def errand() -> None:
            try:
                result = work()
            except BaseException as error:
                loop.call_soon_threadsafe(_fail, done, error)
                raise
            loop.call_soon_threadsafe(_finish, done, result)

        self._tasks.put(errand)
        return await done

    def wait(self, future: Future[T]) -> T:
        """The future's result, doing errands until it is there (called in the caller's thread).

        Whatever interrupts the wait (a task's time limit) also calls the work off.
        """
        future.add_done_callback(lambda _done: self._tasks.put(None))
        try:
            while not future.done():
                if (errand := self._tasks.get()) is not None:
                    errand()
            return future.result()
        except BaseException:
            future.cancel()
            raise


def _finish(done: asyncio.Future[T], result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: BaseException) -> None:
    if not done.done():
        done.set_exception(RuntimeError(f"an errand failed: {type(error).__name__}"))
