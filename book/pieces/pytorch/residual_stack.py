import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.normalize = nn.LayerNorm(32, eps=1e-5)
        self.rnn = nn.RNN(32, 32, batch_first=True)

    def forward(self, x):  # (samples, timesteps, 32); returns the new states alone
        return self.rnn(self.normalize(x))[0]


class DeepNetwork(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 32)
        self.blocks = nn.ModuleList(Block() for _ in range(depth))
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):  # (samples, timesteps), 0 behind each text is padding
        x = self.embedding(tokens)
        for block in self.blocks[:-1]:
            x = x + block(x)
        states = self.blocks[-1](x)
        last = (tokens != 0).sum(dim=1) - 1  # the last word; padding comes after it
        return self.dense(states[torch.arange(len(tokens)), last])


torch.manual_seed(0)
model = DeepNetwork(4)
