"""The engine that trains in the page, run in Node."""

import json
import shutil
import subprocess

import pytest

from rnnbook.widgets import live
from rnnbook.widgets.train import HERE, node_flags


@pytest.fixture(scope="session")
def engine(tmp_path_factory, node_program):
    """Call `engine(body, data)`: a JavaScript function's body that sees all modules' exports, `data` and `rooms`.

    `rooms` holds the makers of memory: `rooms.JavaScript`, `rooms.WebAssembly` and `rooms.fused`.
    """
    folder = tmp_path_factory.mktemp("widgets") / "train"
    folder.mkdir()
    (folder.parent / "tokenize.js").write_text("".join(live.bundle(HERE.parent / "tokenize.js")), "utf-8")
    for file in HERE.glob("*.js"):
        shutil.copyfile(file, folder / file.name)
    (folder.parent / "package.json").write_text('{"type": "module"}')
    modules = sorted(file.stem for file in folder.glob("*.js") if file.stem not in ("worker", "plain"))
    imports = "".join(
        f'import * as {name} from "./{name}.js"; Object.assign(globalThis, {name});\n' for name in modules
    )

    def run(body, data=None):
        main = folder / "main.mjs"
        main.write_text(
            f"""import {{ readFileSync }} from "node:fs";
{imports}
const data = JSON.parse(readFileSync(0, "utf-8"));
const compiled = (name) => memory.inWebAssembly(readFileSync({json.dumps(str(HERE))} + "/" + name));
const rooms = {{ JavaScript: kernels.inJavaScript, WebAssembly: compiled("simd.wasm"), fused: compiled("fused.wasm") }};
console.log(JSON.stringify(await (async () => {{ {body} }})()));""",
            "utf-8",
        )
        done = subprocess.run(
            [node_program, *node_flags(node_program), main],
            input=json.dumps(data),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
