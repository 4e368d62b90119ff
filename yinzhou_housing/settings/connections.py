"""Reads DATABASE_URL and REDIS_URL, unix sockets included."""

from urllib.parse import parse_qs, unquote, urlsplit
from zlib import crc32


def database(url: str) -> dict[str, object]:
    """Django's database settings for ``postgresql://user:secret@host:port/name?host=/socket/folder``."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(
            "DATABASE_URL must start with postgresql:// (other engines are not supported)"
        )
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "yinzhou",
        "USER": query.pop("user", unquote(parts.username or "")),
        "PASSWORD": query.pop("password", unquote(parts.password or "")),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def broker(url: str) -> str:
    """Celery's spelling of a Redis address; kombu wants sockets as ``redis+socket://``."""
    if url.startswith("unix://"):
        path, _, query = url.removeprefix("unix://").partition("?")
        number = parse_qs(query).get("db", ["0"])[0]
        return f"redis+socket://{path}?virtual_host={number}"
    return url


def numbered(url: str, *, run: str, worker: str) -> str:
    """``url`` with a database number (1 to 15) that belongs to one test process."""
    offset = int(worker.removeprefix("gw") or 0) if worker.startswith("gw") else 0
    number = (crc32(run.encode()) + offset) % 15 + 1
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    parts = urlsplit(url)
    return parts._replace(path=f"/{number}").geturl()


def cache(url: str) -> str:
    """Django's cache backend takes redis:// and unix:// as they are."""
    return url
