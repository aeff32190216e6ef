"""Oracle of a tiny residual network's whole step: PyTorch in float64. Loss, gradients, updates by AdamW, running statistics.

Weights and pictures come from a formula that both sides know, so that the file holds results only.
"""

import json
import math

import torch
import torch.nn.functional as F
from golden import FOLDER

torch.set_default_dtype(torch.float64)
BETAS = (0.9, 0.95)
UPDATES = 4
CASE = dict(batch=3, channels=3, size=11, width=4, wider=6, classes=5)
OPTIMISER = dict(learningRate=4e-3, weightDecay=0.1, warmup=2, total=20, clip=0.5)


def unit(stream, i):
    """A number in [0, 1) that looks like chance, rounded as f32 holds it."""
    x = math.sin(i * 12.9898 + stream * 78.233) * 43758.5453
    return torch.tensor(x - math.floor(x), dtype=torch.float32).double().item()


def filled(stream, shape):
    return torch.tensor([unit(stream, i) for i in range(math.prod(shape))]).reshape(shape)


class Parameters:
    """By name, in the order in which the model asks for them; running statistics apart."""

    def __init__(self):
        self.all = {}
        self.running = {}

    def get(self, name, *shape):
        if name not in self.all:
            values = (filled(len(self.all) + 10, shape) - 0.5) * 0.5
            if name.endswith(".scale"):
                values = values + 1
            self.all[name] = torch.nn.Parameter(values.float().double())
        return self.all[name]

    def statistics(self, name, channels):
        if name not in self.running:
            self.running[name] = (torch.zeros(channels), torch.ones(channels))
        return self.running[name]


def conv(p, name, x, out, kernel, stride=1, padding=0):
    w = p.get(f"{name}.weight", kernel, kernel, x.shape[1], out)
    return F.conv2d(x, w.permute(3, 2, 0, 1), None, stride, padding)


def norm(p, name, x):
    channels = x.shape[1]
    mean, variance = p.statistics(name, channels)
    return F.batch_norm(x, mean, variance, p.get(f"{name}.scale", channels), p.get(f"{name}.shift", channels), True, 0.1, 1e-5)


def block(p, name, x, out, stride):
    first = F.relu(norm(p, f"{name}.norm1", conv(p, f"{name}.conv1", x, out, 3, stride, 1)))
    second = norm(p, f"{name}.norm2", conv(p, f"{name}.conv2", first, out, 3, 1, 1))
    if stride != 1 or x.shape[1] != out:
        x = norm(p, f"{name}.shortcut.norm", conv(p, f"{name}.shortcut.conv", x, out, 1, stride))
    return F.relu(second + x)


def loss_of(p, images, labels):
    x = F.relu(norm(p, "stem.norm", conv(p, "stem.conv", images, CASE["width"], 3, 1, 1)))
    x = F.max_pool2d(x, 3, 2, 1)
    x = block(p, "0", x, CASE["width"], 1)
    x = block(p, "1", x, CASE["wider"], 2)
    pooled = x.mean((2, 3))
    logits = pooled @ p.get("head.weight", CASE["wider"], CASE["classes"]) + p.get("head.bias", CASE["classes"])
    return F.cross_entropy(logits, labels)


def rate_at(step):
    warmup, total = OPTIMISER["warmup"], OPTIMISER["total"]
    if step < warmup:
        return OPTIMISER["learningRate"] * step / warmup
    return OPTIMISER["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def digits(values):
    return [float(f"{v:.7g}") for v in values.detach().reshape(-1).tolist()]


def run():
    p = Parameters()
    images = ((filled(1, (CASE["batch"], CASE["channels"], CASE["size"], CASE["size"])) - 0.5) * 3).float().double()
    labels = torch.arange(CASE["batch"]) % CASE["classes"]
    loss = loss_of(p, images, labels)
    loss.backward()
    gradients = {name: digits(q.grad) for name, q in p.all.items()}
    p.running.clear()
    decayed = [q for q in p.all.values() if sum(d > 1 for d in q.shape) > 1]
    others = [q for q in p.all.values() if sum(d > 1 for d in q.shape) <= 1]
    groups = [{"params": decayed, "weight_decay": OPTIMISER["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=BETAS, eps=1e-8)
    losses = []
    for step in range(UPDATES):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step)
        optimiser.zero_grad()
        loss = loss_of(p, images, labels)
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(p.all.values()), OPTIMISER["clip"])
        optimiser.step()
    updated = {name: digits(q) for name, q in p.all.items()}
    running = {}
    for name, (mean, variance) in p.running.items():
        running[f"{name}.runningMean"] = digits(mean)
        running[f"{name}.runningVariance"] = digits(variance)
    return dict(
        case=CASE, optimiser=OPTIMISER, losses=losses, gradients=gradients, updated=updated, running=running
    )


path = FOLDER / "residual" / "tiny.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(run(), separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size)
