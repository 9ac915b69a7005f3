#!/usr/bin/env python
"""Django's command line. Run by hand it works in development mode unless the environment says otherwise."""

import os
import sys


def main() -> None:
    try:
        run()
    except SystemExit as end:
        # The mail server keeps an email and tries again (sysexits.h), until the settings can be read.
        if isinstance(end.code, str) and sys.argv[1:2] == ["read_mail"]:
            sys.stderr.write(f"{end.code}\n")
            sys.exit(os.EX_TEMPFAIL)
        raise


def run() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
    os.environ.setdefault("DEBUG_DEFAULT", "1")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - named below when missing
    except ImportError:
        sys.exit("Django is not installed here. Run `make install`, then use .venv/bin/python.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
