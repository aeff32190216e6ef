"""Oracle of tiny detectors: PyTorch and torchvision in float64. Losses and gradients of backbone (modulated deformable), proposals and both heads.

Weights and pictures come from the formula of residual.py, so that the file holds results only. Every anchor is sampled, so that no chance is in it.
"""

import json
import sys

import torch
import torch.nn.functional as F
import torchvision
from golden import FOLDER

torch.set_default_dtype(torch.float64)

CASE = dict(
    batch=2, height=24, width=32, widths=[4, 4, 6, 6], groups=2, classes=2, bins=2, hidden=5, rpnWidth=5,
    scales=[8, 14], ratios=[1, 2],
    rois=[[0, 1, 2, 20, 17], [0, 10, 3, 30, 23], [1, 0, 0, 32, 24], [1, 12, 9, 19, 16], [1, 5, 1, 28, 12]],
    labels=[1, 0, 2, 0, 1],
    truths=[[[2, 1, 19, 16], [12, 4, 30, 22]], [[3, 2, 29, 21], [0, 0, 1, 1]]],
    counts=[2, 1],
)


def unit(stream, count):
    i = torch.arange(count, dtype=torch.float64)
    x = torch.sin(i * 12.9898 + stream * 78.233) * 43758.5453
    return (x - torch.floor(x)).float().double()


class Parameters:
    def __init__(self):
        self.all = {}

    def get(self, name, *shape):
        if name not in self.all:
            size = torch.Size(shape).numel()
            values = (unit(len(self.all) + 10, size) - 0.5) * 0.5 + (1 if name.endswith(".scale") else 0)
            self.all[name] = torch.nn.Parameter(values.float().double().reshape(shape))
        return self.all[name]


def conv(p, name, x, out, kernel, stride=1, padding=0, dilation=1, bias=False):
    w = p.get(f"{name}.weight", kernel, kernel, x.shape[1], out)
    b = p.get(f"{name}.bias", out) if bias else None
    return F.conv2d(x, w.permute(3, 2, 0, 1), b, stride, padding, dilation)


def norm(p, name, x):
    c = x.shape[1]
    return F.group_norm(x, CASE["groups"], p.get(f"{name}.scale", c), p.get(f"{name}.shift", c), 1e-5)


def block(p, name, x, out, stride):
    first = F.relu(norm(p, f"{name}.norm1", conv(p, f"{name}.conv1", x, out, 3, stride, 1)))
    second = norm(p, f"{name}.norm2", conv(p, f"{name}.conv2", first, out, 3, 1, 1))
    return F.relu(second + norm(p, f"{name}.shortcut.norm", conv(p, f"{name}.shortcut.conv", x, out, 1, stride)))


def deformable_block(p, name, x, out):
    first = F.relu(norm(p, f"{name}.norm1", conv(p, f"{name}.conv1", x, out, 3, 1, 2, 2)))
    raw = conv(p, f"{name}.conv2.offset", first, 27, 3, 1, 2, 2, True)
    w = p.get(f"{name}.conv2.weight", 3, 3, out, out).permute(3, 2, 0, 1)
    y = torchvision.ops.deform_conv2d(first, raw[:, :18], w, None, 1, 2, 2, 2 * torch.sigmoid(raw[:, 18:]))
    return F.relu(norm(p, f"{name}.norm2", y) + x)


def backbone(p, images):
    w = CASE["widths"]
    x = F.relu(norm(p, "stem.norm", conv(p, "stem.conv", images, w[0], 3, 2, 1)))
    x = block(p, "stage1", x, w[1], 2)
    x = block(p, "stage2", x, w[2], 2)
    return deformable_block(p, "stage3.0", x, w[3])


def smooth(x, sigma):
    return torch.where(x.abs() < 1 / sigma**2, 0.5 * sigma**2 * x**2, x.abs() - 0.5 / sigma**2)


def anchors(height, width):
    boxes = []
    for row in range(height):
        for column in range(width):
            for ratio in CASE["ratios"]:
                for scale in CASE["scales"]:
                    x, y = (column + 0.5) * 8, (row + 0.5) * 8
                    w, h = scale / ratio**0.5 / 2, scale * ratio**0.5 / 2
                    boxes.append([x - w, y - h, x + w, y + h])
    return torch.tensor(boxes).float().double()


def encode(a, b):
    size = a[:, 2:] - a[:, :2]
    shift = ((b[:, :2] + b[:, 2:]) - (a[:, :2] + a[:, 2:])) / 2 / size
    return torch.cat([shift, torch.log((b[:, 2:] - b[:, :2]) / size)], 1)


def proposal_loss(p, features):
    cells = features.shape[2:]
    per_cell = len(CASE["scales"]) * len(CASE["ratios"])
    hidden = F.relu(conv(p, "rpn.conv", features, CASE["rpnWidth"], 3, 1, 1, 1, True))
    logits = conv(p, "rpn.objectness", hidden, per_cell, 1, bias=True).permute(0, 2, 3, 1).reshape(CASE["batch"], -1)
    shifts = conv(p, "rpn.shifts", hidden, 4 * per_cell, 1, bias=True).permute(0, 2, 3, 1).reshape(CASE["batch"], -1, 4)
    grid = anchors(*cells)
    count = CASE["batch"] * len(grid)
    objectness = boxes = 0
    for b, truths in enumerate(CASE["truths"]):
        table = torchvision.ops.box_iou(grid, torch.tensor(truths[: CASE["counts"][b]]).double())
        best, matched = table.max(1)
        positive = (best >= 0.7) | ((table == table.max(0).values) & (table > 0)).any(1)
        used = positive | (best < 0.3)
        bce = F.binary_cross_entropy_with_logits(logits[b], positive.double(), reduction="none")
        targets = encode(grid, torch.tensor(truths).double()[matched])
        objectness = objectness + bce[used].sum() / count
        boxes = boxes + smooth(shifts[b] - targets, 3).sum(1)[positive].sum() / count
    return objectness, boxes


def linear(p, name, x, out):
    return x @ p.get(f"{name}.weight", x.shape[1], out) + p.get(f"{name}.bias", out)


def head_loss(logits, shifts):
    labels = torch.tensor(CASE["labels"])
    targets = (unit(3, shifts.numel()) - 0.5).reshape(shifts.shape)
    boxes = smooth(shifts - targets, 1).sum(1) * (labels > 0)
    return F.cross_entropy(logits, labels), boxes.sum() / len(labels)


def faster(p, features):
    pooled = torchvision.ops.roi_align(features, torch.tensor(CASE["rois"]).double(), CASE["bins"], 1 / 8, 2, True).flatten(1)
    hidden = F.relu(linear(p, "head.fc2", F.relu(linear(p, "head.fc1", pooled, CASE["hidden"])), CASE["hidden"]))
    return head_loss(linear(p, "head.classes", hidden, CASE["classes"] + 1), linear(p, "head.shifts", hidden, 4))


def rfcn(p, features):
    k = CASE["bins"]

    def votes(name, count):
        maps = conv(p, name, features, count * k * k, 1, bias=True)
        rows = []
        for b, x1, y1, x2, y2 in CASE["rois"]:
            left, top, w, h = x1 / 8, y1 / 8, (x2 + 1 - x1) / 8, (y2 + 1 - y1) / 8
            cut = lambda v, most: min(max(v, 0), most)
            floor = lambda i, size, start, most: cut(int((i * size / k + start) // 1), most)
            ceil = lambda i, size, start, most: cut(int(-((-((i + 1) * size / k + start)) // 1)), most)
            H, W = features.shape[2:]
            for c in range(count):
                cells = [
                    maps[b, (c * k + i) * k + j, floor(i, h, top, H) : ceil(i, h, top, H), floor(j, w, left, W) : ceil(j, w, left, W)].mean()
                    for i in range(k)
                    for j in range(k)
                ]
                rows.append(torch.stack(cells).mean())
        return torch.stack(rows).reshape(len(CASE["rois"]), count)

    return head_loss(votes("head.classes", CASE["classes"] + 1), votes("head.shifts", 4))


def result(head):
    p = Parameters()
    images = ((unit(1, CASE["batch"] * 3 * CASE["height"] * CASE["width"]) - 0.5) * 3).float().double()
    features = backbone(p, images.reshape(CASE["batch"], 3, CASE["height"], CASE["width"]))
    losses = [*proposal_loss(p, features), *head(p, features)]
    sum(losses).backward()
    short = lambda values: [float(f"{v:.7g}") for v in values.reshape(-1).tolist()]
    return {"losses": short(torch.stack(losses).detach()), "gradients": {name: short(q.grad) for name, q in p.all.items()}}


if __name__ == "__main__":
    folder = FOLDER / "detection"
    folder.mkdir(exist_ok=True)
    made = {"case": CASE, "faster": result(faster), "rfcn": result(rfcn)}
    (folder / "tiny.json").write_text(json.dumps(made, separators=(",", ":")) + "\n")
    print((folder / "tiny.json").stat().st_size, "bytes", made["faster"]["losses"], made["rfcn"]["losses"], file=sys.stderr)
