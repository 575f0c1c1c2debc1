import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 32)
        # 6,336 parameters: the gates r (reset), z (update), n below one another, in Keras
        # z, r, h; z near 1 keeps the old state. The reset comes after the product,
        # r * (W Z + b_hn), always: Keras's reset_after=True, which is its default.
        self.rnn = nn.GRU(32, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):  # (samples, timesteps), 0 behind each text is padding
        lengths = (tokens != 0).sum(dim=1).cpu()
        words = self.embedding(tokens)
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        _, state = self.rnn(packed)  # after each text's last word: (layers, samples, units)
        return self.dense(state[-1])  # a logit, above 0 for a good review


torch.manual_seed(0)
model = Classifier()
