"""Free TCP ports on loopback."""

import socket

from ops.refusal import CannotRun


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def choose(wanted: int, taken: set[int]) -> int:
    """``wanted``, or the next free port above it; ``taken`` learns the choice."""
    for port in range(wanted, min(wanted + 200, 65536)):
        if port not in taken and is_free(port):
            taken.add(port)
            return port
    raise CannotRun(f"no free port between {wanted} and {wanted + 199}")


def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
