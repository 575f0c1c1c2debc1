"""The cheat sheet: its calculator counts as Keras does, and every line leads to a chapter."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

PAGE = (Path(__file__).resolve().parents[2] / "book" / "cheatsheet.md").read_text("utf-8")
LAYERS = {"SimpleRNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}
# The page's script, in a document that holds nothing but its three fields and their result.
IN_NODE = """
const fields = {features: {value: "", listen: []}, units: {value: "", listen: []}, both: {checked: false, listen: []}, result: {}};
for (const field of Object.values(fields)) field.addEventListener = (_, call) => field.listen.push(call);
globalThis.document = {getElementById: (id) => fields[id.replace("calculator-", "")]};
SCRIPT
const told = JSON.parse(process.argv[2]).map(([features, units, both]) => {
  fields.features.value = features; fields.units.value = units; fields.both.checked = both;
  fields.both.listen[0]();
  return fields.result.textContent;
});
console.log(JSON.stringify(told));
"""


def parameters(features, units, both):
    """What the calculator should say, counted by Keras."""
    told = []
    for name, layer in LAYERS.items():
        counted = keras.layers.Bidirectional(layer(units)) if both else layer(units)
        counted.build((None, 5, features))
        told.append(f"{name} {counted.count_params():,}")
    return " · ".join(told)


def test_the_calculator_counts_as_keras_does(tmp_path):
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.prefix) / "bin"))
    script = re.search(r"<script>\n(.*?)</script>", PAGE, re.S)[1]
    (tmp_path / "calculator.mjs").write_text(IN_NODE.replace("SCRIPT", script), "utf-8")
    cases = [[32, 32, False], [5, 10, True], [1, 300, False]]
    asked = json.dumps([*cases, [0, 4, False], ["2.5", 4, False]])
    done = subprocess.run([node, tmp_path / "calculator.mjs", asked], capture_output=True, encoding="utf-8", check=True)
    *told, zero, half = json.loads(done.stdout)
    assert told == [parameters(*case) for case in cases]
    assert zero == half == "Both must be whole numbers, at least 1."
    assert f">{parameters(32, 32, False)}</output>" in PAGE  # what stands there before anything is typed


@pytest.mark.parametrize(
    "part", ["Equations", "Numbers of parameters", "A model to start from", "Symptoms and remedies"]
)
def test_every_line_leads_to_its_chapter(part):
    section = re.search(rf"^## {part}\n(.*?)(?=^## |\Z)", PAGE, re.S | re.M)[1]
    rows = [row for row in section.splitlines() if row.startswith("|")]
    lines = [row for row in rows if not re.match(r"\|[-: |]+$", row)]
    lines = [row for row, after in zip(rows, [*rows[1:], ""]) if row in lines and not re.match(r"\|[-: |]+$", after)]
    assert len(lines) >= 7
    assert not [row for row in lines if not re.search(r"\]\((\.\./notebooks/\d\d_\w+\.ipynb|pytorch\.md)\) \|$", row)]


def test_the_model_to_copy_trains_where_padding_stands_in_front():
    """On a GPU, TensorFlow's fused kernel stops at a mask with padding in front (chapter 7): the layer must be told to do without."""
    code = re.search(r"## A model to start from\n+```python\n(.*?)```", PAGE, re.S)[1]
    names = {"keras": keras, "layers": keras.layers}
    exec(code.partition("adam =")[0], names)
    embedding, gated, _ = names["model"].layers
    assert embedding.mask_zero and gated.use_cudnn is False
