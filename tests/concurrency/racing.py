"""Acts that start together, each in a thread and a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_once(*acts):
    """Runs the acts in threads that start together; results or the exceptions raised."""
    gate = Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
