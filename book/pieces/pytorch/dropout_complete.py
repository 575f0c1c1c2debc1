import copy
import json
import re
from pathlib import Path
from urllib.request import urlretrieve

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

VOCABULARY = 10_000  # the most frequent words; all others are one word, number 2
MAXLEN = 100  # words of a review that are read, its last ones
DROPOUT = 0.2  # of the word vectors that come in
RECURRENT_DROPOUT = 0.2  # of the state that is carried over
REVIEWS = 25_000  # for training, and as many for the test
EPOCHS = 6
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
batches = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True)


# Network: 322,145 parameters, for PyTorch has a second bias in the recurrent layer.
def mask(rate, like):  # 0 with probability rate, else 1 / (1 - rate)
    return nn.functional.dropout(torch.ones_like(like), rate)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 32)
        self.rnn = nn.RNNCell(32, 32)
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):
        words = self.embedding(tokens)
        state = words.new_zeros(len(tokens), 32)
        on_input = on_state = 1.0  # in the test nothing is dropped
        if self.training:  # one mask for all steps, drawn before the loop
            on_input, on_state = mask(DROPOUT, words[:, 0]), mask(RECURRENT_DROPOUT, state)
        for x, is_word in zip(words.unbind(dim=1), (tokens != 0).unbind(dim=1)):
            new = self.rnn(x * on_input, state * on_state)
            state = torch.where(is_word[:, None], new, state)  # padding changes nothing
        return self.dense(state)[:, 0]  # logits


def evaluate(x, y):  # loss and accuracy, without masks
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(some) for some in x.split(500)])
    return cross_entropy(logits, y).item(), ((logits > 0) == (y > 0)).float().mean().item()


# Training, with a fifth of the reviews held out.
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
best, waited = float("inf"), 0
for epoch in range(EPOCHS):
    model.train()
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
torch.save(model.state_dict(), "dropout.pt")
model = Classifier().eval()
model.load_state_dict(torch.load("dropout.pt"))
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
