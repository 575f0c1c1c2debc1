"""The compiled kernels are those of the source beside them, byte for byte. Run as a program, it compiles them anew."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.widgets.train import HERE

OPTIONS = "-O3 --converge --runtime stub --enable simd --importMemory --noAssert --use abort=".split()
FEATURES = {"simd.wasm": [], "fused.wasm": ["--enable", "relaxed-simd"]}


def compiled(node, compiler, folder, name):
    shutil.copyfile(HERE / "simd.ts", folder / "simd.ts")
    command = [node, compiler / "bin" / "asc.js", "simd.ts", "-o", name, *OPTIONS, *FEATURES[name]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return (folder / name).read_bytes()


@pytest.mark.nightly
@pytest.mark.parametrize("name", FEATURES)
def test_the_kernels_are_those_of_their_source(node_program, tool, tmp_path, name):
    assert compiled(node_program, tool("assemblyscript"), tmp_path, name) == (HERE / name).read_bytes()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tools = Path(sys.prefix) / "share" / "assemblyscript"
        for name in FEATURES:
            (HERE / name).write_bytes(compiled(shutil.which("node"), tools, Path(folder), name))
