import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 8, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(16, 1)

    def forward(self, x):  # (samples, timesteps, 3)
        at_every_step, _ = self.rnn(x)  # (samples, timesteps, 16), turned back already
        return self.dense(at_every_step)  # a logit at every step


torch.manual_seed(0)
model = Tagger()
