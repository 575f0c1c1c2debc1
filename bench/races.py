"""What the races of chapters 7, 8 and 9 come to, six seeds of each network, by either kind of kernels (in Node).

python bench/races.py [--record]: for each network, the lowest and the highest loss on one batch of new sequences and on many,
the loss of the best blind guess on those, and the length of the gradient at the first timestep as a part of that at the
last, at the first update, the fiftieth and the last.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import recording

from rnnbook.laboratory.studies.races import BATCHES, KERNELS, SEEDS, TIMESTEPS
from rnnbook.widgets import live
from rnnbook.widgets.train import HERE, node_flags
from rnnbook.widgets.training_race import RACES

FILES = dict(zip(KERNELS, ("simd.wasm", "fused.wasm"), strict=True))
RUN = """
    const config = { ...settings.complete(data.task, data.settings), seed };
    const net = new network.Network(config, rooms[data.kernels]);
    const put = ({ x, y }) => { net.setInputs(x); net.setTargets(y); };
    const reach = [];
    for (let k = 0; k < data.updates; k++) {
        put(tasks.makeBatch(data.task, config, {}, k));
        net.train(true);
        const norms = net.top[0].gradientNorms;
        reach.push(norms[0] / norms[config.timesteps - 1]);
    }
    const losses = [], blind = [];
    for (let k = 0; k < data.batches; k++) {
        const batch = tasks.makeBatch(data.task, config, {}, tasks.HELD_OUT + k);
        put(batch);
        net.forget();
        net.forward(false);
        losses.push(net.loss());
        blind.push(data.task === "adding" ? mean([...batch.y].map((sum) => (sum - 1) ** 2)) : Math.log(2));
    }
    const kept = { loss: losses[0], many_loss: mean(losses), many_blind: mean(blind) };
    return { ...kept, first: reach[0], fiftieth: reach[49], last: reach[data.updates - 1] };
"""
IN_NODE = f"""
import {{ readFileSync }} from "node:fs";
import * as memory from "./memory.js";
import * as network from "./network.js";
import * as settings from "./settings.js";
import * as tasks from "./tasks.js";
const data = JSON.parse(readFileSync(0, "utf-8"));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rooms = {{ [data.kernels]: memory.inWebAssembly(readFileSync(data.file)) }};
const run = (seed) => {{{RUN}}};
console.log(JSON.stringify(data.seeds.map(run)));
"""


def asked(race, settings, timesteps, kernels):
    """What `RUN` reads."""
    kept = {"task": RACES[race]["task"], "updates": RACES[race]["until"], "kernels": kernels, "seeds": SEEDS}
    return kept | {"batches": BATCHES, "settings": settings | {"timesteps": timesteps}}


def measure():
    """A row a run."""
    node, rows = shutil.which("node"), []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train").mkdir()
        for file in [*HERE.glob("*.js"), *HERE.glob("*.wasm")]:
            shutil.copy(file, Path(folder) / "train")
        (Path(folder) / "tokenize.js").write_text("".join(live.bundle(HERE.parent / "tokenize.js")), "utf-8")
        (Path(folder) / "package.json").write_text('{"type": "module"}')
        (Path(folder) / "train" / "races.mjs").write_text(IN_NODE)
        command = [node, *node_flags(node), "races.mjs"]
        for race, all_timesteps in TIMESTEPS.items():
            for timesteps in all_timesteps:
                for kernels, file in FILES.items():
                    for of in RACES[race]["networks"]:
                        data = json.dumps(asked(race, of["settings"], timesteps, kernels) | {"file": file})
                        done = subprocess.run(
                            command,
                            cwd=Path(folder) / "train",
                            input=data,
                            stdout=subprocess.PIPE,
                            text=True,
                            check=True,
                        )
                        what = {"race": race, "network": of["name"], "timesteps": timesteps, "kernels": kernels}
                        rows += [
                            what | {"seed": s} | found for s, found in zip(SEEDS, json.loads(done.stdout), strict=True)
                        ]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="store the measurement, as the study races")
    record = parser.parse_args().record
    rows = measure()
    for k in range(0, len(rows), len(SEEDS)):
        of = rows[k : k + len(SEEDS)]
        told = (
            f"{name} {min(run[name] for run in of):.2g} to {max(run[name] for run in of):.2g}"
            for name in ("loss", "many_loss", "many_blind", "first", "fiftieth", "last")
        )
        print(*(str(of[0][name]) for name in ("race", "network", "timesteps", "kernels")), *told, sep=", ")
    if record:
        case = ("race", "timesteps", "kernels")
        of_cases = itertools.groupby(rows, lambda row: {key: row.pop(key) for key in case})
        recording.write("races", [(of, list(found)) for of, found in of_cases])


if __name__ == "__main__":
    main()
