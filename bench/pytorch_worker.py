"""PyTorch's column of `bench/training.py`: an epoch of the same network, trained in PyTorch on batches by length.

Run by `bench/training.py --pytorch` in a process of its own. The reviews come in a file with the arrays tokens,
lengths and labels of each part. Every batch holds reviews of similar length, padded in front to its longest and to
nothing else, without a mask: the quickest that PyTorch offers.
"""

import json
import resource
import sys
import time

import numpy as np
import torch
from torch import nn

CELLS = {"simple_rnn": nn.RNN, "stacked": nn.RNN, "bidirectional": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
CELLS["bidirectional_lstm"] = nn.LSTM


class Network(nn.Module):
    """Token ids (samples, timesteps) to logits (samples,)."""

    def __init__(self, architecture, units, depth):
        super().__init__()
        both = architecture.startswith("bidirectional")
        self.embedding = nn.Embedding(10_000, 32)
        self.layer = CELLS[architecture](32, units, num_layers=depth, batch_first=True, bidirectional=both)
        self.readout, self.units, self.both = nn.Linear(units * (2 if both else 1), 1), units, both

    def forward(self, tokens):
        Z, _ = self.layer(self.embedding(tokens))
        last = Z[:, -1] if not self.both else torch.cat([Z[:, -1, : self.units], Z[:, 0, self.units :]], dim=-1)
        return self.readout(last)[:, 0]


def batches(tokens, lengths, labels, maxlen, batch_size, rng=None):
    """Batches of similar length as tensors: token ids (batch, longest) int64 and labels (batch,)."""
    starts, kept = np.concatenate([[0], lengths.cumsum()]), np.minimum(lengths, maxlen)
    order = np.argsort(kept + (rng.uniform(-20, 20, len(kept)) if rng else 0))
    groups = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    for group in rng.permutation(len(groups)) if rng else range(len(groups)):
        index = groups[group]
        padded = np.zeros((len(index), kept[index].max()), "int64")
        for row, i in zip(padded, index):
            row[len(row) - kept[i] :] = tokens[starts[i + 1] - kept[i] : starts[i + 1]]
        yield torch.from_numpy(padded), torch.from_numpy(labels[index])


def trainer(data, case):
    """A function that trains one epoch, with validation."""
    parts = {
        part: [data[f"{part}_{name}"] for name in ("tokens", "lengths", "labels")] for part in ("train", "held_out")
    }
    model = Network(case["architecture"], case["units"], case["depth"])
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    cross_entropy, rng = nn.BCEWithLogitsLoss(), np.random.default_rng(0)

    def epoch():
        for tokens, labels in batches(*parts["train"], case["maxlen"], case["batch_size"], rng):
            optimizer.zero_grad()
            cross_entropy(model(tokens), labels).backward()
            optimizer.step()
        with torch.no_grad():
            for tokens, labels in batches(*parts["held_out"], case["maxlen"], 256):
                cross_entropy(model(tokens), labels)

    return epoch


def main():
    data, epoch = dict(np.load(sys.argv[1])), None
    for line in sys.stdin:
        epoch = epoch or trainer(data, json.loads(line))
        wall, cpu = time.perf_counter(), time.process_time()
        epoch()
        made = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        made["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(made | {"torch": torch.__version__}), flush=True)


if __name__ == "__main__":
    main()
