"""Oracle of a whole training step of the diffusion networks: loss, every gradient, and six AdamW updates, in float64.

Weights, data, noise and noise levels come from a formula that the test knows too, so that the files hold results only.
"""

import json
import math

import torch
import torch.nn.functional as F
from golden import FOLDER

torch.set_default_dtype(torch.float64)

UPDATES = 6
BETAS = (0.9, 0.999)
OPTIMISER = dict(learningRate=4e-3, weightDecay=0.1, warmup=3, total=20, clip=0.5)
SIGMA_DATA = 0.4
CASES = [
    dict(name="mlp", preconditioning="edm", batch=5, network=dict(kind="mlp", inputs=2, width=12, depth=2)),
    dict(name="dit", preconditioning="flow", batch=3,
         network=dict(kind="dit", channels=3, size=6, patch=2, width=12, depth=2, heads=3, classes=3)),
    dict(name="unet", preconditioning="edm", batch=3,
         network=dict(kind="unet", channels=3, size=5, width=2, levels=3, blocks=1, attention=True, classes=3)),
]


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


def noise_features(label):
    omega = math.pi / 4 * 32 ** (torch.arange(16) / 15)
    angle = label[:, None] * omega
    return torch.cat([angle.cos(), angle.sin()], 1)


def mlp(p, net, x, label):
    angle = x[..., None] * (math.pi * torch.tensor([0.5, 1, 2]))
    h = torch.cat([x, torch.cat([angle.cos(), angle.sin()], -1).flatten(1), noise_features(label)], 1)
    for i in range(net["depth"]):
        h = F.silu(linear(p, f"hidden.{i}", h, net["width"]))
    return linear(p, "out", h, net["inputs"])


def positions(width, grid):
    omega = 10000.0 ** (-torch.arange(width // 4) / (width / 4))
    place = torch.arange(grid * grid)
    halves = [(place % grid)[:, None] * omega, (place // grid)[:, None] * omega]
    return torch.cat([f(h) for h in halves for f in (torch.sin, torch.cos)], 1).float().double()


def attention(p, name, x, heads):
    b, n, width = x.shape
    q, k, v = linear(p, f"{name}.qkv", x, 3 * width).reshape(b, n, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // heads), -1)
    return linear(p, f"{name}.proj", (weights @ v).transpose(1, 2).reshape(b, n, width), width)


def dit(p, net, x, label, labels, dropped):
    b, c, s, _ = x.shape
    patch, width, g = net["patch"], net["width"], s // net["patch"]
    patches = x.reshape(b, c, g, patch, g, patch).permute(0, 2, 4, 3, 5, 1).reshape(b, g * g, patch * patch * c)
    tokens = linear(p, "patchEmbed", patches, width) + positions(width, g)
    embedded = linear(p, "noise.fc2", F.silu(linear(p, "noise.fc1", noise_features(label), width)), width)
    table, none = p.get("classes", net["classes"], width), p.get("noClass", 1, width)
    embedded = embedded + torch.where(dropped[:, None] > 0, none, table[labels])
    parts = linear(p, "modulation", F.silu(embedded), 8 * width).reshape(b, 8, 1, width)
    shift1, scale1, gate1, shift2, scale2, gate2, shift, scale = parts.unbind(1)
    for i in range(net["depth"]):
        name = f"block.{i}"
        seen = layer_norm(p, f"{name}.norm1", tokens) * (1 + scale1) + shift1
        tokens = tokens + gate1 * attention(p, name, seen, net["heads"])
        seen = layer_norm(p, f"{name}.norm2", tokens) * (1 + scale2) + shift2
        hidden = F.gelu(linear(p, f"{name}.fc1", seen, 4 * width))
        tokens = tokens + gate2 * linear(p, f"{name}.fc2", hidden, width)
    last = layer_norm(p, "head.norm", tokens) * (1 + scale) + shift
    out = linear(p, "head", last, patch * patch * c)
    return out.reshape(b, g, g, patch, patch, c).permute(0, 5, 1, 3, 2, 4).reshape(b, c, s, s)


def group_norm(p, name, x):
    channels = x.shape[1]
    groups = max(1, min(32, channels // 4))
    while channels % groups:
        groups -= 1
    return F.group_norm(x, groups, p.get(f"{name}.scale", channels), p.get(f"{name}.shift", channels), 1e-5)


def convolution(p, name, x, out, kernel=3, stride=1):
    weight = p.get(f"{name}.weight", kernel, kernel, x.shape[1], out).permute(3, 2, 0, 1)
    return F.conv2d(x, weight, p.get(f"{name}.bias", out), stride, kernel // 2)


def residual_block(p, name, x, out, e):
    y = convolution(p, f"{name}.conv1", F.silu(group_norm(p, f"{name}.norm1", x)), out)
    normed = group_norm(p, f"{name}.norm2", y)
    scale = linear(p, f"{name}.noiseScale", e, out)[:, :, None, None]
    shift = linear(p, f"{name}.noiseShift", e, out)[:, :, None, None]
    h = convolution(p, f"{name}.conv2", F.silu(normed * (1 + scale) + shift), out)
    return h + (x if x.shape[1] == out else convolution(p, f"{name}.shortcut", x, out, kernel=1))


def unet(p, net, x, label, labels, dropped):
    levels, channels = net["levels"], net["channels"]
    widths = [net["width"] * (1 if i == 0 else 2) for i in range(levels)]
    e = linear(p, "noise.fc2", F.silu(linear(p, "noise.fc1", noise_features(label), 4 * net["width"])), 4 * net["width"])
    table, none = p.get("classes", net["classes"], 4 * net["width"]), p.get("noClass", 1, 4 * net["width"])
    e = F.silu(e + torch.where(dropped[:, None] > 0, none, table[labels]))
    h, skips = x, []
    for i, width in enumerate(widths):
        h = convolution(p, f"down.{i}", h, width, stride=1 if i == 0 else 2)
        for k in range(net["blocks"]):
            h = residual_block(p, f"encode.{i}.{k}", h, width, e)
        skips.append(h)
    if net["attention"]:
        b, c, height, wide = h.shape
        tokens = group_norm(p, "attention.norm", h).flatten(2).transpose(1, 2)
        h = h + attention(p, "attention", tokens, 1).transpose(1, 2).reshape(b, c, height, wide)
    for i in reversed(range(levels)):
        if i < levels - 1:
            doubled = F.interpolate(h, scale_factor=2, mode="nearest")
            doubled = doubled[:, :, : skips[i].shape[2], : skips[i].shape[3]]
            h = torch.cat([convolution(p, f"up.{i}", doubled, widths[i]), skips[i]], 1)
        for k in range(net["blocks"]):
            h = residual_block(p, f"decode.{i}.{k}", h, widths[i], e)
    return convolution(p, "out", F.silu(group_norm(p, "out.norm", h)), channels)


def coefficients(name, sigma):
    if name == "edm":
        total = sigma ** 2 + SIGMA_DATA ** 2
        return SIGMA_DATA ** 2 / total, sigma * SIGMA_DATA / total.sqrt(), 1 / total.sqrt(), sigma.log() / 4, total / (sigma * SIGMA_DATA) ** 2
    return 1 / (1 + sigma), -sigma / (1 + sigma), 1 / (1 + sigma), sigma / (1 + sigma), ((1 + sigma) / sigma) ** 2


def loss_of(p, case, data, noise, sigma):
    """λ ‖D − x0‖², as the papers write it: the lab computes λ c_out² (F − target)²."""
    net, b = case["network"], case["batch"]
    skip, out, scale, label, weight = coefficients(case["preconditioning"], sigma)
    column = lambda v: v.reshape(b, *[1] * (data.dim() - 1))
    noised = data + column(sigma) * noise
    seen = column(scale) * noised
    if net["kind"] == "mlp":
        f = mlp(p, net, seen, label)
    else:
        network = dit if net["kind"] == "dit" else unet
        f = network(p, net, seen, label, torch.arange(b) % net["classes"], (torch.arange(b) % 3 == 1).double())
    d = column(skip) * noised + column(out) * f
    return (column(weight) * (d - data) ** 2).mean()


def rate_at(step):
    warmup, total = OPTIMISER["warmup"], OPTIMISER["total"]
    if step < warmup:
        return OPTIMISER["learningRate"] * step / warmup
    return OPTIMISER["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def digits(values):
    return [float(f"{v:.7g}") for v in values.detach().reshape(-1).tolist()]


def run(case):
    p = Parameters()
    net = case["network"]
    sample = (net["inputs"],) if net["kind"] == "mlp" else (net["channels"], net["size"], net["size"])
    shape = (case["batch"], *sample)
    data = ((filled(1, shape) - 0.5) * 2).float().double()
    noise = ((filled(2, shape) - 0.5) * 3).float().double()
    sigma = (filled(3, (case["batch"],)) + 0.1).float().double()
    loss = loss_of(p, case, data, noise, sigma)
    loss.backward()
    gradients = {name: digits(q.grad) for name, q in p.all.items()}
    decayed = [q for n, q in p.all.items() if sum(d > 1 for d in q.shape) > 1 and n not in ("classes", "noClass")]
    others = [q for n, q in p.all.items() if not (sum(d > 1 for d in q.shape) > 1 and n not in ("classes", "noClass"))]
    groups = [{"params": decayed, "weight_decay": OPTIMISER["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=BETAS, eps=1e-8)
    losses = []
    for step in range(UPDATES):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step)
        optimiser.zero_grad()
        loss = loss_of(p, case, data, noise, sigma)
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(p.all.values()), OPTIMISER["clip"])
        optimiser.step()
    updated = {name: digits(q) for name, q in p.all.items()}
    return {"case": case, "optimiser": OPTIMISER, "sigmaData": SIGMA_DATA, "losses": losses, "gradients": gradients, "updated": updated}


for case in CASES:
    path = FOLDER / "diffusion" / f"step-{case['name']}.json"
    path.write_text(json.dumps(run(case), separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)
