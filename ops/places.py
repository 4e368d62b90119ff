"""Where things lie: data, sockets, logs; and who may own a folder we find.

Everything stands in ``.local/`` of the clone. Two things may have to leave it for a folder in the
temp directory: data, when PostgreSQL's user cannot enter the clone (root with a clone under
/root), and sockets, when the clone's path is too long or has unusual characters for a socket URL.
"""

import hashlib
import os
import pwd
import re
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ops.refusal import CannotRun

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

LONGEST_SOCKET_FOLDER = 80  # a socket's whole path may have 107 bytes on Linux, 103 on macOS
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


def temp_root() -> Path:
    """The temp directory that outlives a restart of the machine, where there is one."""
    lasting = Path("/var/tmp")
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


def claim(folder: Path, mode: int) -> Path:
    """Make ``folder`` ours, or refuse a link or somebody else's folder standing there."""
    try:
        folder.mkdir(mode=mode)
        folder.chmod(mode)
    except FileExistsError:
        _refuse_foreign(folder)
    return folder


def _refuse_foreign(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise CannotRun(f"{folder} is a link or a file, not a folder of ours: remove it")
    if found.st_uid != os.geteuid():
        raise CannotRun(f"{folder} belongs to another user: remove it, or start as that user")
    if found.st_mode & 0o022:
        raise CannotRun(f"{folder} can be written by others: remove it")


def enterable_by_others(path: Path) -> bool:
    """Whether a user without any right of its own can reach ``path``."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in [path, *path.parents])


def server_user(earlier: Iterable[Path] = ()) -> pwd.struct_passwd | None:
    """Who runs PostgreSQL: ourselves (None), or for root the owner of an earlier cluster,
    else ``postgres``, else ``nobody``."""
    if os.geteuid() != 0:
        return None
    for data in earlier:
        if owner := _cluster_owner(data):
            return owner
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotRun("PostgreSQL does not run as root and there is no user postgres or nobody")


def _cluster_owner(data: Path) -> pwd.struct_passwd | None:
    try:
        uid = (data / "PG_VERSION").stat().st_uid
        return pwd.getpwuid(uid) if uid else None  # root's: half made by us, not a cluster
    except (OSError, KeyError):
        return None


@dataclass(frozen=True)
class Place:
    """One set of servers: the demo's (no name), or ``test``, ``bench``, ``shots`` beside it."""

    root: Path = ROOT
    name: str = ""
    temp: Path | None = None

    @cached_property
    def local(self) -> Path:
        """``.local`` of the clone, or a folder in it for a named place."""
        top = self._made(self.root / ".local")
        return self._made(top / self.name) if self.name else top

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir(mode=0o755, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise CannotRun(f"{folder} belongs to another user: start as that user or remove it")
        return folder

    @cached_property
    def logs(self) -> Path:
        return self._made(self.local / "logs")

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        return server_user([self.local / "pg", self.outside_path / "pg"])

    @property
    def outside_path(self) -> Path:
        """The folder's name in the temp directory, whether or not it is there."""
        key = f"{os.geteuid()}:{self.root}:{self.name}"
        return (self.temp or temp_root()) / f"yz-{hashlib.sha256(key.encode()).hexdigest()[:10]}"

    @cached_property
    def outside(self) -> Path:
        return claim(self.outside_path, 0o755 if self.user else 0o700)

    @cached_property
    def state(self) -> Path:
        """Where data folders lie."""
        if self.user and not enterable_by_others(self.local):
            return self.outside
        return self.local

    @cached_property
    def sockets(self) -> Path:
        """A folder of mode 0700, owned by whoever runs PostgreSQL, with a short plain path."""
        folder = self.state / "s"
        if len(str(folder)) > LONGEST_SOCKET_FOLDER or not PLAIN_PATH.fullmatch(str(folder)):
            folder = self.outside / "s"
        return self.hand_over(folder)

    def hand_over(self, folder: Path) -> Path:
        """Make ``folder`` (its parent is ours already) private to PostgreSQL's user."""
        if folder.is_symlink():
            raise CannotRun(f"{folder} is a link, not a folder of ours: remove it")
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        return folder
