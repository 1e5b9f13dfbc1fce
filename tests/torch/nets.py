"""Networks of a user's own."""

import torch


def linear(columns: int, labels: int) -> torch.nn.Module:
    return torch.nn.Linear(columns, labels)


def nothing(columns: int, labels: int) -> str:
    return f"{columns} to {labels}"


class FixedRows(torch.nn.Module):
    """Asks its input what an export cannot answer."""

    def __init__(self, columns: int, labels: int) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(columns, labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) if x.sum().item() > 0 else self.layer(-x)
