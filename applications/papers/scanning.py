"""The scanner (病毒扫描): pluggable; what cannot be scanned now waits, and the case goes on.

``settings.PAPER_SCANNER`` names a class with one method, ``scan(content) -> Verdict``. Where none
is configured a file is marked 未扫描, and never passed off as clean.
"""

import logging
import socket
import struct
from enum import Enum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_LONGEST_ANSWER = 4096


class Verdict(Enum):
    """扫描结果."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"
    UNSCANNED = "unscanned"


class Scanner(Protocol):
    """What a scanner must do; it answers and never raises for what a file holds."""

    def scan(self, content: bytes) -> Verdict:
        """The verdict on one file."""
        ...


class NoScanner:
    """None is configured: nothing is claimed about any file."""

    def scan(self, content: bytes) -> Verdict:
        return Verdict.UNSCANNED


class Clamd:
    """clamd over its socket, by INSTREAM; ``settings.PAPER_SCANNER_ADDRESS`` says where.

    ``unix:/run/clamav/clamd.ctl`` or ``host:3310``. A scanner that is away, slow, or answers
    anything unknown is unavailable: never clean, never infected.
    """

    def scan(self, content: bytes) -> Verdict:
        try:
            answer = self._ask(content)
        except (OSError, ValueError) as error:
            log.warning("the scanner of papers did not answer: %s", type(error).__name__)
            return Verdict.UNAVAILABLE
        if answer.endswith(b" FOUND"):
            return Verdict.INFECTED
        return Verdict.CLEAN if answer == b"stream: OK" else Verdict.UNAVAILABLE

    def _ask(self, content: bytes) -> bytes:
        with self._connect() as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), _CHUNK):
                part = content[at : at + _CHUNK]
                line.sendall(struct.pack(">I", len(part)) + part)
            line.sendall(struct.pack(">I", 0))
            return _answer(line)

    def _connect(self) -> socket.socket:
        address: str = settings.PAPER_SCANNER_ADDRESS
        wait: float = settings.PAPER_SCANNER_TIMEOUT
        if address.startswith("unix:"):
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(wait)
            try:
                line.connect(address.removeprefix("unix:"))
            except OSError:
                line.close()
                raise
            return line
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=wait)


def scan(content: bytes) -> Verdict:
    """The verdict of the configured scanner."""
    scanner: Scanner = import_string(settings.PAPER_SCANNER)()
    return scanner.scan(content)


def _answer(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_ANSWER:
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n")
