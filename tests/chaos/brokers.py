"""A broker of the test's own, which may be killed: nobody else's messages are lost with it."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import redis
from celery import Celery
from django.conf import settings

from ops import valkey
from tests import stack as parts


class Broker:
    """Valkey as in production: written to disk as it goes, so that a kill loses nothing queued."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"redis://{parts.HOST}:{self.port}/{number}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", parts.HOST, "--dir", str(self.folder),
                   "--appendonly", "yes", "--save", "", "--protected-mode", "no"]  # fmt: skip
        self._process = subprocess.Popen(
            [str(valkey.binary()), *options], stdout=subprocess.DEVNULL,
            preexec_fn=parts._die_with_the_test,
        )  # fmt: skip
        parts.until(self.answers, 15, lambda: "the broker does not answer")

    def kill(self) -> None:
        """-9: connections break, and nothing can be queued or read until it starts again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=1) as store:
            return bool(store.ping())
        return False


@contextmanager
def taking_messages(app: Celery, broker: Broker) -> Iterator[None]:
    """Everything that this process queues goes to the broker, and beat's tasks each second.

    While it is away beat's are lost, as they are in production; whatever is due is swept up later.
    """
    before = app.conf.broker_url
    _point(app, broker.url)
    stop = threading.Event()
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    tick = threading.Thread(target=partial(_tick, app, names, broker, stop), daemon=True)
    try:
        parts.declare_queues()
        tick.start()
        yield
    finally:
        stop.set()
        tick.join(10)
        _point(app, before)


def _tick(app: Celery, names: list[str], broker: Broker, stop: threading.Event) -> None:
    while not stop.wait(parts.TICK):
        if not broker.answers():
            continue
        for name in names:
            with suppress(Exception):  # the broker may go at any moment
                app.send_task(name, expires=5, retry=False)


def _point(app: Celery, url: str) -> None:
    """Its pools are kept by address: what the app holds of the one before is let go."""
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app._pool = None
    app.amqp._producer_pool = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((parts.HOST, 0))
        return int(probe.getsockname()[1])
