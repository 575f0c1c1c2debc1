"""`python -m rnnbook …`: the command line over the package. A command imports its work when it runs."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from pathlib import Path

from .errors import CourseError

# command: (module, function that adds its arguments and returns what runs it, help)
COMMANDS = {
    "study": ("laboratory.command", "add_study", "list the studies, record what is missing of one, or show its claims"),
    "claims": ("laboratory.claims.command", "add_claims", "decide every claim of the book from the recorded data"),
    "export": ("laboratory.export", "add_export", "renew the trained weights that the book ships"),
    "page-data": ("widgets.train.page_data", "add_page_data", "write your copy of IMDB as a text for the playground"),
    "notebooks": ("publish.execute", "add_notebooks", "execute notebooks and store their outputs"),
    "reseed": ("publish.reseed", "add_reseed", "show what notebooks would show with other random numbers"),
    "reading": ("publish.reading", "add_reading", "say how long each chapter takes"),
    "figures": ("figures", "add_figures", "draw the diagrams into DL_images"),
    "book": ("publish.build", "add_book", "build the HTML book"),
    "serve": ("publish.serve", "add_serve", "show the built book in a browser"),
    "pdf": ("publish.pdf", "add_pdf", "build the printable edition"),
    "epub": ("publish.epub", "add_epub", "build the edition for e-readers"),
    "links": ("publish.links", "add_links", "list or check the links of the book"),
    "configure": ("publish.configure", "add_configure", "set the address of the repository"),
    "assignments": ("assignments", "add_assignments", "make student notebooks and graders"),
    "grade": ("assignments", "add_grade", "grade a folder of submissions"),
}


def main(arguments=None):
    """Run one command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m rnnbook", description="Train, record, build and grade: the work behind the course."
    )
    commands, asked = parser.add_subparsers(required=True, metavar="COMMAND"), parser
    for name, (module, add, about) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        if arguments[:1] == [name]:  # only the command that is asked for is imported
            asked = command
            command.set_defaults(run=getattr(importlib.import_module(f"rnnbook.{module}"), add)(command))
    options, unknown = parser.parse_known_args(arguments)
    if unknown:  # with the usage of the command, not that of all, as argparse would tell it
        asked.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    except (CourseError, MemoryError) as error:
        print(f"rnnbook: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            said = "The disk is full. Make room, then give the same command again: it goes on from what was finished."
        elif _given(options, error.filename):
            said = f"{os.fsdecode(error.filename)}: {error.strerror}. Name another place."
        else:
            raise
        print(f"rnnbook: {said}", file=sys.stderr)
        return 1


def _given(options, filename):
    """Is a file that the system refused a place that the command was given, around it, in it, or beside it (half written)?"""
    if not isinstance(filename, (str, bytes, os.PathLike)):
        return False
    refused = Path(os.fsdecode(filename)).absolute()
    words = [word for value in vars(options).values() for word in (value if isinstance(value, list) else [value])]
    places = [Path(word).absolute() for word in words if isinstance(word, (str, Path))]
    return any(refused.is_relative_to(p) or p.is_relative_to(refused) or p.parent == refused.parent for p in places)


if __name__ == "__main__":
    sys.exit(main())
