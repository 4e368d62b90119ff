"""Chromium and a Chinese font for browser tests and pictures, from the system's packages."""

import os
import shutil
import subprocess

from ops.crew import Ending, say
from ops.environment import step

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure(ending: Ending) -> bool:
    """Install what is missing where we may (root on Debian); whether a browser is there."""
    missing = [] if _browser() else ["chromium"]
    if not _has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing:
        _install(missing, ending)
    return bool(_browser())


def _browser() -> str | None:
    given = os.environ.get("YZ_BROWSER")
    return given or next(filter(None, map(shutil.which, BROWSERS)), None)


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    shown = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(shown.stdout.strip())


def _install(packages: list[str], ending: Ending) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(
            f"· no {names} on this machine: browser tests are skipped where Chromium is missing, "
            f"pictures show boxes without a Chinese font (Debian: apt install {names})"
        )
        return
    say(f"· installing {names}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    step(["apt-get", "update", "-qq"], ending, environment=quiet, quiet=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if step(command, ending, environment=quiet, quiet=True):
        say(f"· {names} could not be installed")
