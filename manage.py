#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys

from ops import live


def main() -> None:
    live.enter_environment()
    live.adopt()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinzhou_housing.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
