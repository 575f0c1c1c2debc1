"""The widgets' JavaScript holds what its JSDoc types say."""

import subprocess

from conftest import FOLDER


def test_types(typescript):
    done = subprocess.run([*typescript, "--project", FOLDER / "jsconfig.json"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
