import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 32)
        # Four layers in one; it always returns the top layer's whole sequence.
        self.rnn = nn.RNN(32, 32, num_layers=4, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):  # (samples, timesteps), 0 behind each text is padding
        lengths = (tokens != 0).sum(dim=1).cpu()
        words = self.embedding(tokens)
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        _, last = self.rnn(packed)  # last states: (layers, samples, units)
        return self.dense(last[-1])  # a logit, above 0 for a good review


torch.manual_seed(0)
model = Classifier()
