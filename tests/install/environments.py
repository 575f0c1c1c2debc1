"""Build a separate environment, let a notebook's own first cell install the course there, and run every notebook.

    python tests/install/environments.py colab     what Colab preinstalls must stay as it is; the widgets in a browser with it
    python tests/install/environments.py latest    the newest releases of everything
    python tests/install/environments.py oldest    the lowest versions that pyproject.toml allows, on the oldest Python
    python tests/install/environments.py fresh     a new clone: `make book`, then its chapters and `make assignments`, no more
    python tests/install/environments.py configured    a clone with an address: the quick tests pass, and `none` leaves no trace
    python tests/install/environments.py gradescope    what the graders' zips list and no more: each solution under `otter run`

The environments lie in .venv-colab, .venv-colab-lab, .venv-latest, .venv-oldest and .venv-gradescope; delete them to start afresh.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Colab's package list of 2026-08-19; a Python as near to its 3.13 as this machine has.
COLAB = [
    "tensorflow==2.20.0",
    "keras==3.13.2",
    "numpy==2.1.3",
    "ipywidgets==7.7.1",
    "anywidget==0.9.21",
    "ipykernel",
    "pandas",
    "scipy",
    "matplotlib",
    "jsonschema",
    "tqdm",
    "papermill",
]
# The front end of these widgets' generation, apart from the kernel as in Colab. Not JupyterLab 3.6: it needs y-py, which has
# no wheel for Python 3.13.
COLAB_LAB = [
    "jupyterlab==3.5.3",
    "jupyterlab-widgets==1.1.11",
    "ipywidgets==7.7.1",
    "anywidget==0.9.21",
    "widgetsnbextension==3.6.10",
    "notebook==6.5.7",
    "nbclassic==1.3.3",
    "jupyter-server==2.21.1",
    "jupyterlab-server==2.28.1",
    "jupyter-client==7.4.9",
    "tornado==6.6.1",
]
LATEST = ["ipykernel", "papermill"]
ADDRESS = "https://github.com/someone/rnn-course"
SMALL = {"EPOCHS": 1, "REVIEWS": 400, "NUMBERS": 400, "SEQUENCES": 640}


def oldest():
    """The lower bound of each package that the course asks for, and the oldest Python that it says it runs on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    python = re.match(r">=(3\.\d+)", project["requires-python"])[1]
    return [need.replace(">=", "==") for need in project["dependencies"]] + LATEST, python


def stop(sentence):
    sys.exit(f"\n{sentence}\n")


def near_python(wanted):
    for name in (f"python{wanted}", sys.executable):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", "import ensurepip"], capture_output=True).returncode == 0:
            return path
    stop("No Python with venv was found for the environment.")


def make(folder, packages, python):
    if not (folder / "bin" / "pip").exists():
        print(f"Creating {folder.name} with {python} …", flush=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
    if subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", *packages]
    ).returncode:
        stop(f"pip could not fill {folder.name}; its own words are above.")


def versions(folder):
    listed = subprocess.run(
        [folder / "bin" / "pip", "list", "--format=json", "--disable-pip-version-check"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {p["name"].lower(): p["version"] for p in json.loads(listed)}


def stub_colab(folder):
    """A `google.colab` that can be imported: notebooks and packages look for it to know where they are."""
    site = next((folder / "lib").glob("python3*")) / "site-packages" / "google" / "colab"
    site.mkdir(parents=True, exist_ok=True)
    (site / "__init__.py").write_text("")
    (site / "output.py").write_text("def enable_custom_widget_manager():\n    pass\n")


def notebooks():
    """The chapters and the student notebooks of the assignments."""
    return [*sorted(ROOT.glob("notebooks/*.ipynb")), *sorted(ROOT.glob("exercises/*.ipynb"))]


def run_notebooks(folder, work):
    """Copy chapters and student notebooks away from the checkout, as Colab does, and run each; returns the names of those that failed."""
    source = work / "checkout"  # building a wheel writes beside pyproject.toml, so a copy is built
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(".git", ".venv*", "_build", "dist", "build", "*.egg-info", "node_modules"),
    )
    environment = {
        **os.environ,
        "RNNBOOK_SOURCE": str(source),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "JUPYTER_PATH": str(folder / "share" / "jupyter"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    failed = []
    for path in notebooks():
        text = path.read_text(encoding="utf-8")
        given = [w for k, v in SMALL.items() if f'"{k} = ' in text for w in ("-p", k, str(v))]
        copy = work / f"{path.parent.name}-{path.name}"  # an assignment and a chapter share their name
        shutil.copy(path, copy)
        started = time.perf_counter()
        done = subprocess.run(
            [
                folder / "bin" / "papermill",
                "--no-progress-bar",
                "-k",
                "python3",
                *given,
                copy,
                work / f"ran-{copy.name}",
            ],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
        )
        print(
            f"{'passed' if done.returncode == 0 else 'FAILED'} {copy.stem} {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        if done.returncode:
            print(done.stderr[-3000:])
            failed.append(copy.stem)
    return failed


def run_front_end(folder, work):
    """The tests of the widgets in JupyterLab, with Colab's kernel and a front end as old as its ipywidgets; returns what failed."""
    lab = ROOT / f"{folder.name}-lab"
    make(lab, COLAB_LAB, near_python("3.13"))
    subprocess.run(
        [folder / "bin" / "python", "-m", "ipykernel", "install", "--prefix", work], check=True, capture_output=True
    )
    environment = {
        **os.environ,
        "RNNBOOK_TEST_JUPYTERLAB": str(lab / "bin" / "python"),
        "JUPYTER_PATH": str(work / "share" / "jupyter"),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            "jupyterlab",
            "tests/widgets/test_kernel.py",
            "tests/widgets/test_jupyterlab.py",
        ],
        cwd=ROOT,
        env=environment,
    )
    return ["the widgets in the browser"] if done.returncode else []


def clone_into(work):
    """The folder of a new clone of what is committed."""
    subprocess.run(["git", "clone", "--quiet", ROOT, work / "clone"], check=True)
    return work / "clone"


def run_configured(work):
    """The quick tests in a clone that knows where it is published, and the way back; returns what failed.

    The clone borrows this environment: to make, what it would install first is as old as can be.
    """
    clone, programs = clone_into(work), Path(sys.executable).parent
    ready = [word for stamp in ("book", "test") for word in ("-o", f"{programs}/.{stamp}-ready")]
    make = ["make", *ready, f"BIN={programs}"]
    steps = [
        [*make, "configure", f"REPO={ADDRESS}"],
        [*make, "test-quick"],
        [*make, "configure", "REPO=none"],
        ["git", "diff", "--exit-code", "--stat"],
    ]
    environment = os.environ | {"PYTHONPATH": str(clone)}
    return [" ".join(step[-2:]) for step in steps if subprocess.run(step, cwd=clone, env=environment).returncode]


def run_fresh(work):
    """What the README promises, in a clone of what is committed; returns what failed."""
    clone, failed = clone_into(work), []
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for target in ("book", "assignments"):
        if subprocess.run(["make", target], cwd=clone, env=environment).returncode:
            failed.append(f"make {target}")
    for path in sorted((clone / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        given = [word for key, value in SMALL.items() if f'"{key} = ' in text for word in ("-p", key, str(value))]
        command = [clone / ".venv/bin/papermill", "--no-progress-bar", "-k", "python3", *given, path, work / path.name]
        path_first = environment | {"PATH": f"{clone / '.venv/bin'}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=path.parent, env=path_first, capture_output=True, text=True)
        print(
            "FAILED" if done.returncode else "passed",
            path.stem,
            done.stderr[-2000:] if done.returncode else "",
            flush=True,
        )
        failed += [path.stem] if done.returncode else []
    return failed


# Run with the environment's own Python: an autograder.zip and a notebook; prints the points, and how many there are.
OTTER = """import sys
from otter.api import grade_submission
results = grade_submission(sys.argv[2], sys.argv[1], quiet=True)
print("MARKS", results.total, results.possible)
"""


def run_graders(folder, work):
    """Build all assignments and grade each solution as Gradescope does, with what its zip asks for; returns what failed."""
    import yaml

    sys.path.insert(0, str(ROOT))
    from rnnbook.assignments import build

    failed = []
    for page in build.pages():
        build.build(page, work)
        (solution,) = (work / page.stem / "solution").glob("*.ipynb")
        with zipfile.ZipFile(work / page.stem / "autograder.zip") as archive:
            listed = yaml.safe_load(archive.read("environment.yml"))["dependencies"]
        make(
            folder,
            ["ipykernel", *next(entry["pip"] for entry in listed if isinstance(entry, dict))],
            near_python("3.13"),
        )
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            [folder / "bin" / "python", "-c", OTTER, work / page.stem / "autograder.zip", solution],
            cwd=work,
            env=environment | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        marks = re.search(r"MARKS (\S+) (\S+)", done.stdout)
        print(page.stem, *(marks.groups() if marks else [done.stderr[-2000:]]), flush=True)
        if not marks or float(marks[1]) != float(marks[2]):
            failed.append(page.stem)
    return failed


CLONES = {"fresh": run_fresh, "configured": run_configured}


def main(name):
    if name == "gradescope":
        with tempfile.TemporaryDirectory() as work:
            failed = run_graders(ROOT / ".venv-gradescope", Path(work))
        return stop(f"Not full marks for the solution: {'; '.join(failed)}.") if failed else None
    if name in CLONES:
        with tempfile.TemporaryDirectory() as work:
            failed = CLONES[name](Path(work))
        return stop(f"In a {name} clone: {'; '.join(failed)}.") if failed else None
    folder = ROOT / f".venv-{name}"
    packages, python = {"colab": (COLAB, "3.13"), "latest": (LATEST, "3.13"), "oldest": oldest()}[name]
    make(folder, packages, near_python(python))
    subprocess.run([folder / "bin" / "pip", "uninstall", "--quiet", "--yes", "rnnbook"], check=False)
    if name == "colab":
        stub_colab(folder)
    before = versions(folder)
    with tempfile.TemporaryDirectory() as work:
        failed = run_notebooks(folder, Path(work))
        if name == "colab":
            failed += run_front_end(folder, Path(work))
    after = versions(folder)
    if "rnnbook" not in after:
        failed.append("the set-up cell installed nothing")
    if name != "latest":
        failed += [f"{p} {v} became {after.get(p)}" for p, v in before.items() if after.get(p) != v]
    print(
        "\n".join(f"{p} {after.get(p)}" for p in ("rnnbook", "tensorflow", "keras", "numpy", "ipywidgets", "anywidget"))
    )
    print(f"{max(0, len(notebooks()) - len(failed))} passed, {len(failed)} failed")
    if failed:
        stop(f"In the environment '{name}': {'; '.join(failed)}.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("colab", "latest", "oldest", *CLONES, "gradescope"):
        stop("Say which environment: colab, latest, oldest, fresh, configured or gradescope.")
    main(sys.argv[1])
