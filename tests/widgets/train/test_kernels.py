"""The compiled kernels are those of the source beside them, byte for byte. Run as a program, it compiles them anew."""

import shutil
import subprocess
import sys
from pathlib import Path

from rnnbook.widgets.train import HERE

OPTIONS = "-O3 --converge --runtime stub --enable simd --importMemory --noAssert --use abort=".split()


def compiled(node, compiler, folder):
    shutil.copyfile(HERE / "simd.ts", folder / "simd.ts")
    command = [node, compiler / "bin" / "asc.js", "simd.ts", "-o", "simd.wasm", *OPTIONS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return (folder / "simd.wasm").read_bytes()


def test_the_kernels_are_those_of_their_source(node_program, tool, tmp_path):
    assert compiled(node_program, tool("assemblyscript"), tmp_path) == (HERE / "simd.wasm").read_bytes()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tools = Path(sys.prefix) / "share" / "assemblyscript"
        (HERE / "simd.wasm").write_bytes(compiled(shutil.which("node"), tools, Path(folder)))
