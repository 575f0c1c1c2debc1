import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 32)
        # 8,448 parameters: the gates i, f, g, o (g is Keras's c) below one another in each
        # matrix, and two biases that are added.
        self.rnn = nn.LSTM(32, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)
        with torch.no_grad():  # Keras starts the forget gate open, PyTorch does not
            self.rnn.bias_ih_l0[32:64] = 1
            self.rnn.bias_hh_l0[32:64] = 0

    def forward(self, tokens):  # (samples, timesteps), 0 behind each text is padding
        lengths = (tokens != 0).sum(dim=1).cpu()
        words = self.embedding(tokens)
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        _, (state, cell_state) = self.rnn(packed)  # both, unlike RNN and GRU
        return self.dense(state[-1])  # a logit, above 0 for a good review


torch.manual_seed(0)
model = Classifier()
