"""The functions of JavaScript stay as small as those of Python; TypeScript's own parser finds them."""

import json
import subprocess

from test_rooms import LONGEST_FUNCTION, ROOT, SCRIPTS

# For each file its functions that have more lines than `most`, without blank ones: their name and how many.
LONG = """
const [folder, most, ...files] = process.argv.slice(1);
const fs = require("fs"), ts = require(`${folder}/lib/typescript.js`);
const found = {};
for (const file of files) {
  const source = ts.createSourceFile(file, fs.readFileSync(file, "utf-8"), ts.ScriptTarget.Latest, true);
  const lines = source.text.split("\\n"), lineOf = (at) => source.getLineAndCharacterOfPosition(at).line;
  const look = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const inside = node.body.statements ?? [node.body];
      const code = inside.length ? lines.slice(lineOf(inside[0].getStart(source)), lineOf(inside.at(-1).end) + 1).filter((line) => line.trim()) : [];
      const name = (node.name ?? node.parent.name ?? node.parent.expression)?.getText(source) ?? "";
      if (code.length > most) (found[file] ??= []).push([name, code.length]);
    }
    ts.forEachChild(node, look);
  };
  look(source);
}
console.log(JSON.stringify(found));
"""


def long_functions(node, typescript, files):
    command = [node, "-e", LONG, typescript, str(LONGEST_FUNCTION), *files]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_functions_stay_small(node_program, tool):
    found = long_functions(node_program, tool("typescript"), SCRIPTS)
    assert {file.removeprefix(f"{ROOT}/"): functions for file, functions in found.items()} == {}


def test_a_function_that_grew_is_found(node_program, tool, tmp_path):
    """Of every kind; blank lines count no more than those of Python."""

    def written(lines):
        body = "\n\n".join(["  a();"] * lines)
        kinds = {
            "declared": f"function declared() {{\n{body}\n}}",
            "arrow": f"const arrow = () => {{\n{body}\n}};",
            "method": f"({{ method() {{\n{body}\n}} }});",
            "live": f'live("Name", (ui) => {{\n{body}\n}});',
            "made": "const made = () => (" + body.replace(";", ",").rstrip(",") + ");",
        }
        for name, text in kinds.items():
            (tmp_path / f"{name}.js").write_text(text)
        return [tmp_path / f"{name}.js" for name in kinds]

    files = written(LONGEST_FUNCTION)
    assert long_functions(node_program, tool("typescript"), files) == {}
    found = long_functions(node_program, tool("typescript"), written(LONGEST_FUNCTION + 1))
    assert found == {str(file): [[file.stem, LONGEST_FUNCTION + 1]] for file in files}
