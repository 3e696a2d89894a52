"""Train a small network the same way each time.

One thread, deterministic algorithms, a seeded generator: on the same kind of
processor and the same pins the weights come out bit for bit.
Leaves out: early stopping, since the held-out rows stay unseen.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from servelab.zoo.model import Float32Array

EPOCHS = 60
BATCH_SIZE = 32
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-4


def make_deterministic(seed: int) -> None:
    """Seed torch and take from it what makes two runs differ; call before the layers are made."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)


def train(
    network: nn.Module, instances: Float32Array, targets: npt.NDArray[np.int64], seed: int
) -> dict[str, npt.NDArray[Any]]:
    """Train a network that gives logits, and return its weights by name."""
    rows, labels = torch.from_numpy(instances), torch.from_numpy(targets)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(rows) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(rows), generator=generator).split(BATCH_SIZE):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(rows[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return {name: value.detach().numpy() for name, value in network.state_dict().items()}
