"""autograder.zip, which `build` makes and `grade` reads: Gradescope's own files, and our description of the assignment."""

import json
import zipfile

from .box import GradeError

DESCRIPTION = "assignment.json"  # our own entry; Gradescope looks past it


def add_description(path, description):
    """Add the description of an assignment, plain data, to its autograder.zip."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DESCRIPTION, json.dumps(description, indent=1))


def load_bundle(path):
    """The description of an assignment from its autograder.zip. Raises `GradeError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(DESCRIPTION))
    except FileNotFoundError:
        raise GradeError(f"There is no {path}. Make it with `python -m rnnbook assignments build`.") from None
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        raise GradeError(
            f"{path} is not a bundle that `python -m rnnbook assignments build` made, dist/NAME/autograder.zip."
        ) from None
