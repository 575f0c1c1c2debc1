import copy
import json
import re
from pathlib import Path
from urllib.request import urlretrieve

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence

VOCABULARY = 10_000  # the most frequent words; all others are one word, number 2
MAXLEN = 100  # words of a review that are read, its last ones
LAYERS = 4
REVIEWS = 25_000  # for training, and as many for the test
EPOCHS = 5
PATIENCE = 2  # epochs without a better validation loss, then training stops
torch.manual_seed(1)


# Data: 25,000 reviews to learn from, 25,000 to test with, from where Keras has them.
def file(name):
    path = Path.home() / ".keras" / "datasets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        place = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
        urlretrieve(place + name, path)
    return path


def padded(reviews):  # of ranks; numbers are ranks + 3: 0 is padding, 1 starts a review
    x = torch.zeros(len(reviews), MAXLEN, dtype=torch.long)
    for row, ranks in zip(x, reviews):
        numbers = [1, *(rank + 3 if rank + 3 < VOCABULARY else 2 for rank in ranks)]
        row[: len(numbers)] = torch.tensor(numbers[-MAXLEN:])
    return x


data = np.load(file("imdb.npz"), allow_pickle=True)
x, y = (
    padded(data["x_train"][:REVIEWS]),
    torch.tensor(data["y_train"][:REVIEWS]).float(),
)
x_test = padded(data["x_test"][:REVIEWS])
y_test = torch.tensor(data["y_test"][:REVIEWS]).float()
held_out, kept = torch.randperm(len(x)).tensor_split([len(x) // 5])
train = torch.utils.data.TensorDataset(x[kept], y[kept])
batches = torch.utils.data.DataLoader(train, batch_size=128, shuffle=True)


# Network: 328,481 parameters, for PyTorch has a second bias in each layer.
class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 32)
        self.rnn = nn.RNN(32, 32, num_layers=LAYERS, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):
        words, lengths = self.embedding(tokens), (tokens != 0).sum(dim=1).cpu()
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        return self.dense(self.rnn(packed)[1][-1])[:, 0]  # logits


def evaluate(x, y):  # loss and accuracy
    with torch.no_grad():
        logits = torch.cat([model(some) for some in x.split(500)])
    return cross_entropy(logits, y).item(), ((logits > 0) == (y > 0)).float().mean().item()


# Training, with a fifth of the reviews held out.
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
best, waited = float("inf"), 0
for epoch in range(EPOCHS):
    for some, labels in batches:
        optimizer.zero_grad()
        cross_entropy(model(some), labels).backward()
        optimizer.step()
    loss, accuracy = evaluate(x[held_out], y[held_out])
    print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {accuracy:.3f} on validation")
    if loss < best:
        best, waited, best_weights = loss, 0, copy.deepcopy(model.state_dict())
    elif (waited := waited + 1) == PATIENCE:
        break
model.load_state_dict(best_weights)

# Evaluation, once.
print(f"accuracy {evaluate(x_test, y_test)[1]:.3f} on the test reviews")

# Saving, loading, and a review of one's own.
torch.save(model.state_dict(), "stacked.pt")
model = Classifier()
model.load_state_dict(torch.load("stacked.pt"))
rank = json.loads(file("imdb_word_index.json").read_text())


def probability(text):
    """That a text is a good review."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    with torch.no_grad():
        return model(padded([[rank.get(word, VOCABULARY) for word in words]])).sigmoid().item()


for text in (
    "A wonderful film, moving and beautiful.",
    "Boring, a waste of time.",
):
    print(f"{probability(text):.2f}  {text}")
