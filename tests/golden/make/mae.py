"""Oracle of a whole step of the masked autoencoder: loss, every gradient, and ten AdamW updates, in float64.

Weights, pixels and mask keys come from a formula that the test knows too, so that the files hold results only.
"""

import json

import torch
from golden import FOLDER
from transformer import Parameters, block, digits, filled, layer_norm, linear, ten_updates

torch.set_default_dtype(torch.float64)

CASES = [
    dict(name="classToken", batch=3, channels=1, size=6, patch=2, width=12, depth=2, heads=3, decoderWidth=8,
         decoderDepth=1, decoderHeads=2, classToken=True, symmetric=False, visible=4, normalised=True),
    dict(name="plain", batch=2, channels=3, size=9, patch=3, width=8, depth=1, heads=2, decoderWidth=12,
         decoderDepth=1, decoderHeads=3, classToken=False, symmetric=False, visible=2, normalised=False),
    dict(name="symmetric", batch=2, channels=1, size=6, patch=2, width=8, depth=1, heads=2, decoderWidth=8,
         decoderDepth=1, decoderHeads=2, classToken=True, symmetric=True, visible=3, normalised=True),
]
OPTIMISER = dict(learningRate=4e-3, weightDecay=0.1, warmup=3, total=20, clip=0.5)
TARGET_EPSILON = 1e-2


def positions(width, grid):
    """facebookresearch/mae's layout: the first half is the column; each half sines, then cosines."""
    omega = 10000.0 ** (-torch.arange(width // 4) / (width / 4))
    place = torch.arange(grid * grid)
    halves = [(place % grid)[:, None] * omega, (place // grid)[:, None] * omega]
    return torch.cat([f(h) for h in halves for f in (torch.sin, torch.cos)], 1).float().double()


def patches_of(images, patch):
    b, c, s, _ = images.shape
    g = s // patch
    return images.reshape(b, c, g, patch, g, patch).permute(0, 2, 4, 3, 5, 1).reshape(b, g * g, patch * patch * c)


def loss_of(p, case, patches, keys):
    b, count, length = patches.shape
    visible, grid = case["visible"], case["size"] // case["patch"]
    order = torch.argsort(keys, 1)
    ranks = torch.argsort(order, 1)
    mask = (ranks >= visible).double()
    rows = torch.arange(b)[:, None]
    kept = order[:, :visible]
    if case["symmetric"]:
        embedded = linear(p, "patchEmbed", patches, case["width"])
        token = p.get("encoder.maskToken", 1, 1, case["width"])
        x = torch.where(mask[..., None] > 0, token, embedded) + positions(case["width"], grid)
    else:
        x = linear(p, "patchEmbed", patches[rows, kept], case["width"]) + positions(case["width"], grid)[kept]
    if case["classToken"]:
        x = torch.cat([p.get("classToken", 1, 1, case["width"]).expand(b, -1, -1), x], 1)
    for i in range(case["depth"]):
        x = block(p, f"encoder.{i}", x, case["heads"])
    z = linear(p, "decoder.embed", layer_norm(p, "encoder.norm", x), case["decoderWidth"])
    first = 1 if case["classToken"] else 0
    cls, full = z[:, :first], z[:, first:]
    if not case["symmetric"]:
        token = p.get("decoder.maskToken", 1, 1, case["decoderWidth"]).expand(b, count - visible, -1)
        full = torch.cat([full, token], 1)[rows, ranks]
    x = torch.cat([cls, full + positions(case["decoderWidth"], grid)], 1)
    for i in range(case["decoderDepth"]):
        x = block(p, f"decoder.{i}", x, case["decoderHeads"])
    predicted = linear(p, "decoder.head", layer_norm(p, "decoder.norm", x), length)[:, first:]
    target = patches
    if case["normalised"]:
        variance = patches.var(-1, unbiased=True, keepdim=True)
        target = (patches - patches.mean(-1, keepdim=True)) / torch.sqrt(variance + TARGET_EPSILON)
    return (((predicted - target) ** 2).mean(-1) * mask).sum() / mask.sum()


def run(case):
    p = Parameters()
    images = (filled(1, (case["batch"], case["channels"], case["size"], case["size"])) - 0.5) * 3
    patches = patches_of(images.float().double(), case["patch"])
    keys = filled(2, (case["batch"], patches.shape[1]))
    loss = loss_of(p, case, patches, keys)
    loss.backward()
    gradients = {name: digits(q.grad) for name, q in p.all.items()}
    losses = ten_updates(p, lambda: loss_of(p, case, patches, keys), OPTIMISER)
    updated = {name: digits(q) for name, q in p.all.items()}
    return {"case": case, "optimiser": OPTIMISER, "losses": losses, "gradients": gradients, "updated": updated}


for case in CASES:
    path = FOLDER / "mae" / f"{case['name']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(run(case), separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)
