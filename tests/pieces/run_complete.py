"""Run complete programs one after the other, each alone and in a folder of its own: `run_complete.py FOLDER NAME FILE …`.

Keras's downloads come from FOLDER; the other programs look in the home folder, which the caller sets. Each ends with a line
`ended NAME`.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def downloads_from(folder):
    """Keras takes what it would download from `folder`, whatever its checksum."""
    import keras.src.datasets.imdb as imdb

    imdb.get_file = lambda fname, *args, **kwargs: str(folder / fname)


def main(library, folder, *programs):
    if library == "keras":
        downloads_from(Path(folder))
    for number, program in enumerate(programs):
        own = Path(f"run_{number}").resolve()
        own.mkdir()
        os.chdir(own)
        exec(compile(Path(program).read_text("utf-8"), program, "exec"), {"__name__": "__main__"})
        os.chdir(own.parent)
        print(f"ended {Path(program).stem}", flush=True)


main(*sys.argv[1:])
