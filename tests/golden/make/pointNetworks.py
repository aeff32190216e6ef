"""Oracle of the five networks of the point-cloud lab, small: loss, every gradient, running statistics, three AdamW updates, in float64.

Weights and clouds come from a formula that the test knows too, so that the files hold results only. Farthest points, balls, neighbours and
voxels are plain loops here.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from golden import FOLDER

torch.set_default_dtype(torch.float64)

UPDATES = 3
BETAS = (0.9, 0.999)
OPTIMISER = dict(learningRate=4e-3, weightDecay=0.1, warmup=2, total=20, clip=0.5)
REGULARISER = 0.05
SMOOTHING = 0.1
BASE = dict(channels=3, categories=0, width=4, dropout=0, outputs=3)


def case(name, **shape):
    return dict(name=name, batch=5, points=shape.pop("points", 19), form=shape.pop("form", "half"), network={**BASE, **shape})


CASES = [
    case("pointnet-classes", method="pointnet", task="classification", bottleneck=16, inputTransform=True, featureTransform=True, pooling="max"),
    case("pointnet-parts", method="pointnet", task="parts", channels=6, categories=2, bottleneck=16, inputTransform=True, featureTransform=True,
         pooling="max", form="norm"),
    case("pointnet-scene", method="pointnet", task="scene", channels=9, outputs=5, bottleneck=16, inputTransform=False, featureTransform=False,
         pooling="mean"),
    case("pointnet2-classes", method="pointnet2", task="classification", bottleneck=16, grouping="ssg", centres=9, members=4, radius=0.5),
    case("pointnet2-mrg", method="pointnet2", task="classification", channels=6, bottleneck=16, grouping="mrg", centres=9, members=4, radius=0.5),
    case("pointnet2-parts", method="pointnet2", task="parts", categories=2, channels=6, bottleneck=16, grouping="msg", centres=11, members=4,
         radius=0.5),
    case("pointnet2-scene", method="pointnet2", task="scene", channels=9, outputs=5, bottleneck=16, grouping="ssg", centres=17, members=3,
         radius=0.4),
    case("dgcnn-classes", method="dgcnn", task="classification", bottleneck=16, k=4, graph="dynamic"),
    case("dgcnn-parts", method="dgcnn", task="parts", categories=2, channels=6, bottleneck=16, k=3, graph="fixed"),
    case("dgcnn-scene", method="dgcnn", task="scene", channels=9, outputs=5, bottleneck=16, k=4, graph="dynamic"),
    case("voxels", method="voxels", task="classification", side=12, occupancy="binary", points=67),
    case("views", method="views", task="classification", views=3, size=9, shading="depth"),
]


def unit(stream, i):
    """A number in [0, 1) that looks like chance, rounded as f32 holds it."""
    x = math.sin(i * 12.9898 + stream * 78.233) * 43758.5453
    return torch.tensor(x - math.floor(x), dtype=torch.float32).double().item()


def filled(stream, shape):
    return torch.tensor([unit(stream, i) for i in range(math.prod(shape))]).reshape(shape)


class Parameters:
    """By name, in the order in which the oracle asks for them; running statistics apart."""

    def __init__(self):
        self.all = {}
        self.running = {}

    def get(self, name, *shape):
        if name not in self.all:
            values = (filled(len(self.all) + 10, shape) - 0.5) * 0.9
            if name.endswith(".scale"):
                values = values + 1
            self.all[name] = torch.nn.Parameter(values.float().double())
        return self.all[name]

    def statistics(self, name, channels):
        if name not in self.running:
            self.running[name] = (torch.zeros(channels), torch.ones(channels))
        return self.running[name]


# Layers.

def linear(p, name, x, out):
    return x @ p.get(f"{name}.weight", x.shape[-1], out) + p.get(f"{name}.bias", out)


def product(p, name, x, out):
    return x @ p.get(f"{name}.weight", x.shape[-1], out)


def norm(p, name, x):
    c = x.shape[-1]
    mean, variance = p.statistics(name, c)
    y = F.batch_norm(x.reshape(-1, c), mean, variance, p.get(f"{name}.scale", c), p.get(f"{name}.shift", c), True, 0.1, 1e-5)
    return y.reshape(x.shape)


def dense(p, name, x, out):
    return F.relu(norm(p, f"{name}.norm", product(p, name, x, out)))


def mlp(p, name, x, widths):
    for i, w in enumerate(widths):
        x = dense(p, f"{name}.{i}", x, w)
    return x


def class_head(p, name, g, net):
    size = g.shape[-1]
    return linear(p, f"{name}.out", dense(p, f"{name}.fc2", dense(p, f"{name}.fc1", g, size // 2), size // 4), net["outputs"])


def point_head(p, name, f, widths, net):
    for i, w in enumerate(widths):
        f = dense(p, f"{name}.{i}", f, w)
    return linear(p, f"{name}.out", f, net["outputs"])


def joined(p, name, f, g, out, category, net):
    """One product over [f ; g ; one-hot category], its weight in three pieces."""
    n = f.shape[1]
    parts, weights = [f, g[:, None].expand(-1, n, -1)], [(f"{name}.point.weight", f.shape[-1]), (f"{name}.cloud.weight", g.shape[-1])]
    if category is not None:
        parts.append(F.one_hot(category, net["categories"]).double()[:, None].expand(-1, n, -1))
        weights.append((f"{name}.category.weight", net["categories"]))
    w = torch.cat([p.get(key, rows, out) for key, rows in weights])
    return F.relu(norm(p, f"{name}.norm", torch.cat(parts, 2) @ w))


# PointNet.

def t_net(p, name, x, k, widths):
    g = mlp(p, f"{name}.mlp", x, widths).max(1).values
    hidden = dense(p, f"{name}.fc2", dense(p, f"{name}.fc1", g, widths[-1] // 2), widths[-1] // 4)
    return linear(p, f"{name}.out", hidden, k * k).reshape(-1, k, k)


def regulariser(a, form):
    residual = torch.eye(a.shape[1]) - a @ a.transpose(1, 2)
    if form == "norm":
        return torch.linalg.norm(residual, dim=(1, 2)).mean()
    return (residual ** 2).sum() * (1 if form == "paper" else 0.5)


def pointnet(p, net, x, category):
    w, k = net["width"], net["bottleneck"]
    pooled = [w, 2 * w, k]
    if net["inputTransform"]:
        a = t_net(p, "tnet3", x, 3, pooled)
        x = torch.cat([x[..., :3] @ a, x[..., 3:]], 2)
    local = mlp(p, "mlp1", x, [w, w])
    feature = None
    if net["featureTransform"]:
        feature = t_net(p, "tnet64", local, w, pooled)
        local = local @ feature
    deep = mlp(p, "mlp2", local, [w, w, 2 * w, k] if net["task"] == "scene" else pooled)
    g = deep.max(1).values if net["pooling"] == "max" else deep.mean(1)
    if net["task"] == "classification":
        return class_head(p, "head", g, net), feature
    if net["task"] == "parts":
        return point_head(p, "head", joined(p, "join", local, g, k // 2, category, net), [k // 4, k // 8], net), feature
    room = dense(p, "room2", dense(p, "room1", g, k // 4), k // 8)
    return point_head(p, "head", joined(p, "join", deep, room, k // 2, None, net), [k // 4], net), feature


# PointNet++.

def squared(a, b):
    return ((a[:, :, None] - b[:, None]) ** 2).sum(-1)


def take(x, index):
    """x [B, N, C], index [B, ...] → [B, ..., C]."""
    return torch.stack([rows[i] for rows, i in zip(x, index)])


def farthest(xyz, count):
    chosen = torch.zeros(xyz.shape[0], count, dtype=torch.long)
    near = torch.full(xyz.shape[:2], math.inf)
    for i in range(1, count):
        near = torch.minimum(near, ((xyz - take(xyz, chosen[:, i - 1 : i])) ** 2).sum(-1))
        chosen[:, i] = near.argmax(1)
    return chosen


def ball(centres, xyz, radius, k):
    d = squared(centres, xyz)
    index = torch.zeros(*d.shape[:2], k, dtype=torch.long)
    for b in range(d.shape[0]):
        for s in range(d.shape[1]):
            inside = [j for j in range(d.shape[2]) if d[b, s, j] < radius * radius][:k]
            inside = inside or [int(d[b, s].argmin())]
            index[b, s] = torch.tensor(inside + [inside[0]] * (k - len(inside)))
    return index


def group(level, centres, radius, k):
    xyz, features = level
    index = ball(centres, xyz, radius, k)
    relative = take(xyz, index) - centres[:, :, None]
    return relative if features is None else torch.cat([relative, take(features, index)], 3)


def balls_of(net, at):
    r, k, c = net["radius"] * 2 ** at, net["members"] * (2 if at > 0 else 1), net["width"] * 2 ** at
    if net["grouping"] != "msg":
        return [(r, k, [c, c, 2 * c])]
    return [(r / 2, max(1, k // 2), [c // 2, c // 2, c]), (r, k, [c, c, 2 * c]), (2 * r, 2 * k, [c, c, 2 * c])]


def next_level(p, net, below, raw, at):
    name, count = f"sa{at + 1}", min(max(1, net["centres"] // 4 ** at), below[0].shape[1])
    centres = take(below[0], farthest(below[0], count))
    found = []
    for i, (r, k, widths) in enumerate(balls_of(net, at)):
        found.append(mlp(p, f"{name}.{i}", group(below, centres, r, k), widths).max(2).values)
        if net["grouping"] == "mrg" and at > 0:
            found.append(mlp(p, f"{name}.raw", group(raw, centres, r, k), widths).max(2).values)
    return centres, torch.cat(found, 2)


def whole(p, name, level, widths):
    x = level[0] if level[1] is None else torch.cat(level, 2)
    return mlp(p, name, x, widths).max(1).values


def propagate(p, name, coarse, fine, widths):
    d, index = squared(fine[0], coarse[0]).sort(dim=2)
    k = min(3, coarse[0].shape[1])
    weight = 1 / d[:, :, :k].clamp(min=1e-10)
    weight = weight / weight.sum(2, keepdim=True)
    brought = (take(coarse[1], index[:, :, :k]) * weight[..., None]).sum(2)
    return mlp(p, name, brought if fine[1] is None else torch.cat([brought, fine[1]], 2), widths)


def pointnet2(p, net, x, category):
    w, k = net["width"], net["bottleneck"]
    raw = (x[..., :3], x[..., 3:] if x.shape[2] > 3 else None)
    if net["task"] == "scene":
        levels = [raw]
        for at in range(4):
            levels.append(next_level(p, net, levels[-1], raw, at))
        coarse = levels[4]
        for at in (3, 2, 1, 0):
            widths = [4 * w, 4 * w] if at > 1 else [2 * w, 2 * w]
            coarse = (levels[at][0], propagate(p, f"fp{at + 1}", coarse, levels[at], widths))
        return point_head(p, "head", coarse[1], [2 * w], net)
    first = next_level(p, net, raw, raw, 0)
    second = next_level(p, net, first, raw, 1)
    g = whole(p, "whole", second, [4 * w, 4 * w, k])
    if net["grouping"] == "mrg":
        g = torch.cat([g, whole(p, "rawWhole", raw, [w, 2 * w, k])], 1)
    if net["task"] == "classification":
        return class_head(p, "head", g, net)
    everywhere = g[:, None].expand(-1, second[0].shape[1], -1)
    up2 = mlp(p, "fp3", torch.cat([everywhere, second[1]], 2), [4 * w, 4 * w])
    up1 = propagate(p, "fp2", (second[0], up2), first, [4 * w, 2 * w])
    told = F.one_hot(category, net["categories"]).double()[:, None].expand(-1, x.shape[1], -1)
    up0 = propagate(p, "fp1", (first[0], up1), (raw[0], torch.cat([told, x], 2)), [2 * w, 2 * w])
    return point_head(p, "head", up0, [2 * w], net)


# DGCNN, as its paper writes it: one weight on [x_j − x_i ; x_i], LeakyReLU before the maximum.

def graph_of(x, k):
    return squared(x, x).sort(dim=2, stable=True).indices[:, :, :k]


def edge_conv(p, name, x, graph, out):
    c = x.shape[2]
    neighbours = take(x, graph)
    centre = x[:, :, None].expand_as(neighbours)
    weight = torch.cat([p.get(f"{name}.difference.weight", c, out), p.get(f"{name}.centre.weight", c, out)])
    edges = torch.cat([neighbours - centre, centre], 3) @ weight
    return F.leaky_relu(norm(p, f"{name}.norm", edges), 0.2).max(2).values


def dgcnn(p, net, x, category):
    w, k = net["width"], net["bottleneck"]
    first = graph_of(x[..., 6:] if x.shape[2] == 9 else x, net["k"])
    layers, y = [], x
    for i, out in enumerate([w, w, 2 * w, 4 * w]):
        graph = first if i == 0 or net["graph"] == "fixed" else graph_of(y, net["k"])
        y = edge_conv(p, f"edge{i + 1}", y, graph, out)
        layers.append(y)
    every = torch.cat(layers, 2)
    deep = F.leaky_relu(norm(p, "deep.norm", product(p, "deep", every, k)), 0.2)
    if net["task"] == "classification":
        return class_head(p, "head", torch.cat([deep.max(1).values, deep.mean(1)], 1), net)
    told = category if net["task"] == "parts" else None
    return point_head(p, "head", joined(p, "join", every, deep.max(1).values, k // 2, told, net), [k // 2, k // 4], net)


# Voxels and views.

def voxels(p, net, x, _category):
    side, w = net["side"], net["width"]
    grid = torch.zeros(x.shape[0], 1, side, side, side)
    for b, cloud in enumerate(x):
        for i, j, k in ((cloud + 1) / 2 * side).floor().clamp(max=side - 1).long().tolist():
            grid[b, 0, k, j, i] = 1
    y = 2 * grid - 1
    for name, kernel, stride in (("conv1", 5, 2), ("conv2", 3, 1)):
        weight = p.get(f"{name}.weight", kernel, kernel, kernel, y.shape[1], w).permute(4, 3, 0, 1, 2)
        y = F.leaky_relu(F.conv3d(y, weight, p.get(f"{name}.bias", w), stride), 0.1)
    flat = F.max_pool3d(y, 2).flatten(1)
    return linear(p, "out", F.leaky_relu(linear(p, "fc1", flat, 128), 0.1), net["outputs"])


def views(p, net, pictures):
    w, (b, v, *picture) = net["width"], pictures.shape
    y = pictures.reshape(b * v, *picture)
    for i, out in enumerate([w, 2 * w, 4 * w]):
        y = F.conv2d(y, p.get(f"conv{i + 1}.weight", 3, 3, y.shape[1], out).permute(3, 2, 0, 1), padding=1)
        mean, variance = p.statistics(f"norm{i + 1}", out)
        y = F.batch_norm(y, mean, variance, p.get(f"norm{i + 1}.scale", out), p.get(f"norm{i + 1}.shift", out), True, 0.1, 1e-5)
        y = F.max_pool2d(F.relu(y), 2)
    pooled = y.reshape(b, v, -1).max(1).values
    return linear(p, "out", dense(p, "fc1", pooled, 4 * w), net["outputs"])


# The step.

def loss_of(p, made):
    net, b, n = made["network"], made["batch"], made["points"]
    category = torch.arange(b) % 2 if net["categories"] else None
    feature = None
    if net["method"] == "views":
        shape = (b, net["views"], 1, net["size"], net["size"])
        logits = views(p, net, filled(1, shape).float().double())
    else:
        x = ((filled(1, (b, n, net["channels"])) - 0.5) * 2).float().double()
        run = {"pointnet": pointnet, "pointnet2": pointnet2, "dgcnn": dgcnn, "voxels": voxels}[net["method"]]
        logits = run(p, net, x, category)
        if net["method"] == "pointnet":
            logits, feature = logits
    rows = logits.reshape(-1, net["outputs"])
    loss = F.cross_entropy(rows, torch.arange(rows.shape[0]) % net["outputs"], label_smoothing=SMOOTHING)
    return loss if feature is None else loss + REGULARISER * regulariser(feature, made["form"])


def rate_at(step):
    warmup, total = OPTIMISER["warmup"], OPTIMISER["total"]
    if step < warmup:
        return OPTIMISER["learningRate"] * step / warmup
    return OPTIMISER["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def digits(values):
    return [float(f"{v:.6g}") for v in values.detach().reshape(-1).tolist()]


def run(made):
    p = Parameters()
    loss_of(p, made).backward()
    gradients = {name: digits(q.grad) for name, q in p.all.items()}
    running = {f"{name}.{of}": digits(v) for name, pair in p.running.items() for of, v in zip(("runningMean", "runningVariance"), pair)}
    wide = lambda q: sum(d > 1 for d in q.shape) > 1
    groups = [
        {"params": [q for q in p.all.values() if wide(q)], "weight_decay": OPTIMISER["weightDecay"]},
        {"params": [q for q in p.all.values() if not wide(q)], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=BETAS, eps=1e-8)
    losses = []
    for step in range(UPDATES):
        for g in optimiser.param_groups:
            g["lr"] = rate_at(step)
        optimiser.zero_grad()
        loss = loss_of(p, made)
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(p.all.values()), OPTIMISER["clip"])
        optimiser.step()
    common = {"case": made, "optimiser": OPTIMISER, "regulariser": REGULARISER, "smoothing": SMOOTHING}
    return {**common, "losses": losses, "gradients": gradients, "running": running}


folder = FOLDER / "pointClouds"
folder.mkdir(exist_ok=True)
for made in CASES:
    if len(sys.argv) > 1 and made["name"] not in sys.argv[1:]:
        continue
    path = folder / f"{made['name']}.json"
    path.write_text(json.dumps(run(made), separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)
