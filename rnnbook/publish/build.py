"""Build the HTML book from the stored outputs, quietly, with warnings as errors."""

import os
import subprocess
import sys
from pathlib import Path

from rnnbook.publish.site import python_parts

from ..errors import CourseError
from ..laboratory import pages

ROOT = Path(__file__).resolve().parent.parent.parent
# jsonschema, where it finds rfc3987_syntax, compiles 38 grammars while it is imported: a third of the time that a small change takes.
JUPYTER_BOOK = [
    sys.executable,
    "-c",
    "import sys; sys.modules['rfc3987_syntax'] = None; from jupyter_book.cli.main import main; main()",
]


def build(student=False):
    """Build the book of this repository; `student` leaves the solutions out.

    Returns the path of its first page. Raises `CourseError` with Sphinx's own words where the build fails;
    only what changed is built again.
    """
    if not (ROOT / "_config.yml").exists():
        raise CourseError("The book is built from a clone of its repository: no _config.yml lies beside the package.")
    output = ROOT / "_build" / "student" if student else ROOT
    # The extension reads this variable: Jupyter Book has no option to change one value of _config.yml.
    environment = {**os.environ, "RNNBOOK_STUDENT": "1" if student else ""}
    pages.write(ROOT)
    command = [*JUPYTER_BOOK, "build", ROOT, "--path-output", output, "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    )
    if done.returncode:
        print(done.stdout)
        raise CourseError("The book was not built: what is wrong stands above.")
    return output / "_build" / "html" / "index.html"


def add_book(parser):
    """The arguments of `book`; returns what runs it."""
    parser.add_argument("--student", action="store_true", help="leave the solutions of the exercises out")

    def run(options):
        print(f"The book is ready: open {build(options.student)}")
        if why := python_parts.missing():
            print(f"Its pages do not run Python, so exercises have no fields to answer in. {why}")

    return run
