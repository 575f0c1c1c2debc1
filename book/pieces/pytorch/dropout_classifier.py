import torch
from torch import nn


def mask(rate, like):  # 0 with probability rate, else 1 / (1 - rate)
    return nn.functional.dropout(torch.ones_like(like), rate)


class Classifier(nn.Module):  # nn.RNN has no such masks: the loop over time is ours
    def __init__(self, dropout=0.2, recurrent_dropout=0.2):
        super().__init__()
        self.rates = dropout, recurrent_dropout
        self.embedding = nn.Embedding(10_000, 32)
        self.rnn = nn.RNNCell(32, 32)  # 2,112 parameters: it has two biases
        self.dense = nn.Linear(32, 1)

    def forward(self, tokens):  # (samples, timesteps), 0 behind each text is padding
        words = self.embedding(tokens)
        state = words.new_zeros(len(tokens), 32)
        on_input = on_state = 1.0  # in the test nothing is dropped
        if self.training:  # one mask for all steps, drawn before the loop
            on_input, on_state = mask(self.rates[0], words[:, 0]), mask(self.rates[1], state)
        for x, is_word in zip(words.unbind(dim=1), (tokens != 0).unbind(dim=1)):
            new = self.rnn(x * on_input, state * on_state)
            state = torch.where(is_word[:, None], new, state)  # padding changes nothing
        return self.dense(state)  # a logit, above 0 for a good review


torch.manual_seed(0)
model = Classifier()
