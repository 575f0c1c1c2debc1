"""The widgets' JavaScript holds what its JSDoc types say."""

import subprocess

from rnnbook.widgets.live import HERE


def test_types(node_program, tool):
    done = subprocess.run(
        [node_program, tool("typescript") / "bin" / "tsc", "--project", HERE / "jsconfig.json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
