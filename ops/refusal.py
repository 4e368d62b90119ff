"""The one exception of this package: a sentence for the person at the terminal."""


class CannotRun(Exception):
    """Something about this machine or folder stops us; the message says what to do about it."""


class Stopped(Exception):
    """INT, TERM or HUP arrived: unwind and stop everything."""
