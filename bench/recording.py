"""How the programs of this folder store what they measured."""

import os
import platform
import time

from rnnbook import files
from rnnbook.laboratory import store, study

LOAD_BEFORE = os.getloadavg()[0]


def options(parser, of):
    """What a program was asked: its own options with --rounds, --reviews (as the study `of` has them) and --record."""
    for name in ("rounds", "reviews"):
        parser.add_argument(f"--{name}", type=int, default=of.settings[name])
    parser.add_argument("--record", action="store_true", help="store the result")
    asked = parser.parse_args()
    if asked.record and (
        any(getattr(asked, name) != value for name, value in of.settings.items()) or vars(asked).get("only")
    ):
        parser.error("--record stores the whole study, with the usual rounds and reviews")
    return asked


def write(name, measured, *more, **versions):
    """Store all of a study anew: measured, a list of (case, rows), with the machine and how busy it was before and now.

    more: packages whose versions are named besides; versions: those that only the caller knows.
    """
    made = study.conditions(name) | files.made_with(*more)
    made["versions"] |= versions
    made |= {"system": platform.platform(), "load": [LOAD_BEFORE, os.getloadavg()[0]]}
    made["date"] = time.strftime("%Y-%m-%d", time.gmtime())
    store.write(name, [{"case": case, "rows": rows, "made": made} for case, rows in measured])
