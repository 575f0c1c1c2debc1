"""In the page nobody else writes files, so there is nothing to lock."""

import contextlib


class Timeout(Exception):
    pass


def FileLock(*args, **options):
    return contextlib.nullcontext()
