"""``python -m applications.eligibility FILE --json``: the command without Django."""

import sys

from applications.eligibility.command import main

if __name__ == "__main__":
    sys.exit(main())
