import copy

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
train = torch.utils.data.TensorDataset(torch.as_tensor(x_train), torch.as_tensor(y_train))
batches = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True)
x_held_out, y_held_out = torch.as_tensor(x_val), torch.as_tensor(y_val).float()
best, waited = float("inf"), 0
for epoch in range(20):
    model.train()  # dropout on
    for x, y in batches:
        optimizer.zero_grad()
        loss = cross_entropy(model(x)[:, 0], y.float())
        loss.backward()
        optimizer.step()
    model.eval()  # dropout off
    with torch.no_grad():
        logits = model(x_held_out)[:, 0]
    val_loss = cross_entropy(logits, y_held_out).item()
    accuracy = ((logits > 0) == (y_held_out > 0)).float().mean()
    print(f"epoch {epoch + 1}: loss {val_loss:.3f}, accuracy {accuracy:.3f} on validation")
    if val_loss < best:
        best, waited, best_weights = val_loss, 0, copy.deepcopy(model.state_dict())
    elif (waited := waited + 1) == 3:  # patience
        break
model.load_state_dict(best_weights)
