"""The pieces of the course: where each version stands, and how it is run."""

import json
import os
from functools import cache
from pathlib import Path

from rnnbook.publish.site import pieces

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parents[2]
WAITING = Path(__file__).parent / "waiting"  # Keras's versions that no chapter has yet


@cache
def cells():
    """{piece: (source, tags)} of Keras: the chapters' cells, and those that still wait for their chapter."""
    found = {}
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            tags = cell["metadata"].get("tags", [])
            if piece := pieces.name(tags):
                assert piece not in found, f"two cells are called piece:{piece}"
                found[piece] = "".join(cell["source"]), tags
    for path in sorted(WAITING.glob("*.py")):
        assert path.stem not in found, f"a chapter has {path.stem} now: remove {path.relative_to(ROOT)}"
        found[path.stem] = path.read_text("utf-8"), ["complete"] * path.stem.endswith("_complete")
    return found


class Piece:
    """One piece. `keras`, `pytorch` and `jax` run one version with the names given and return all that there are afterwards."""

    def __init__(self, name):
        self.name, (self.source, self.tags) = name, cells()[name]
        self.files = pieces.twins(ROOT, name)

    def keras(self, **given):
        return _run(self.source, f"piece:{self.name}", given)

    def pytorch(self, **given):
        return _run(self.files["pytorch"].read_text("utf-8"), str(self.files["pytorch"]), given)

    def jax(self, **given):
        return _run(self.files["jax"].read_text("utf-8"), str(self.files["jax"]), given)


def _run(text, where, given):
    names = dict(given)
    exec(compile(text, where, "exec"), names)
    return names


def of_kind(kind):
    """The names of all pieces that are a "model", a "complete" program or have a test of their own ("other")."""
    own = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    kinds = {
        name: "complete" if "complete" in tags else "other" if name in own else "model"
        for name, (_, tags) in cells().items()
        if pieces.twins(ROOT, name)
    }
    return sorted(name for name, its in kinds.items() if its == kind)
