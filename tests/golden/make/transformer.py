"""A transformer block and its training in float64, as the oracles of whole models share them.

Weights and inputs come from a formula that the tests know too, so that the files hold results only.
"""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

UPDATES = 10
BETAS = (0.9, 0.95)


def unit(stream, i):
    """A number in [0, 1) that looks like chance, rounded as f32 holds it."""
    x = math.sin(i * 12.9898 + stream * 78.233) * 43758.5453
    return torch.tensor(x - math.floor(x), dtype=torch.float32).double().item()


def filled(stream, shape):
    return torch.tensor([unit(stream, i) for i in range(math.prod(shape))]).reshape(shape)


class Parameters:
    """By name, in the order in which the model asks for them."""

    def __init__(self):
        self.all = {}

    def get(self, name, *shape):
        if name not in self.all:
            values = (filled(len(self.all) + 10, shape) - 0.5) * 0.5
            if name.endswith(".scale"):
                values = values + 1
            self.all[name] = torch.nn.Parameter(values.float().double())
        return self.all[name]


def linear(p, name, x, out):
    return x @ p.get(f"{name}.weight", x.shape[-1], out) + p.get(f"{name}.bias", out)


def layer_norm(p, name, x):
    width = x.shape[-1]
    return F.layer_norm(x, [width], p.get(f"{name}.scale", width), p.get(f"{name}.shift", width), 1e-6)


def block(p, name, x, heads, causal=False, key_mask=None):
    """Pre-norm block; key_mask [B, N] is 0 where nobody attends."""
    b, n, width = x.shape
    qkv = linear(p, f"{name}.qkv", layer_norm(p, f"{name}.norm1", x), 3 * width)
    q, k, v = qkv.reshape(b, n, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-1, -2) / math.sqrt(width // heads)
    if causal:
        scores = scores.masked_fill(torch.ones(n, n).triu(1).bool(), -math.inf)
    if key_mask is not None:
        scores = scores.masked_fill(key_mask[:, None, None, :] == 0, -math.inf)
    weights = torch.softmax(scores, -1)
    attended = (weights @ v).transpose(1, 2).reshape(b, n, width)
    x = x + linear(p, f"{name}.proj", attended, width)
    hidden = F.gelu(linear(p, f"{name}.fc1", layer_norm(p, f"{name}.norm2", x), 4 * width))
    return x + linear(p, f"{name}.fc2", hidden, width)


def rate_at(step, settings):
    warmup, total = settings["warmup"], settings["total"]
    if step < warmup:
        return settings["learningRate"] * step / warmup
    return settings["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def digits(values):
    return [float(f"{v:.7g}") for v in values.detach().reshape(-1).tolist()]


def ten_updates(p, loss_of, settings):
    """Ten steps of AdamW with clipping and the cosine schedule; gives the losses before each."""
    decayed = [q for q in p.all.values() if sum(d > 1 for d in q.shape) > 1]
    others = [q for q in p.all.values() if sum(d > 1 for d in q.shape) <= 1]
    groups = [{"params": decayed, "weight_decay": settings["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=BETAS, eps=1e-8)
    losses = []
    for step in range(UPDATES):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, settings)
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(p.all.values()), settings["clip"])
        optimiser.step()
    return losses
