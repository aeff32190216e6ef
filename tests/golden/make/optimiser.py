"""Oracles of gradientNorm, adamw, adamwAverage, ema and record: torch.optim.AdamW and clip_grad_norm_ in float64."""

import json
import math

import torch
from golden import FOLDER, case, exact, normal, tensor, write

torch.manual_seed(5)

BETAS = (0.9, 0.95)
EPS = 1e-8


def clip_factor(norm, clip):
    if not math.isfinite(norm):
        return -1.0
    return min(1.0, clip / (norm + 1e-6)) if clip > 0 else 1.0


def settings_of(rate, decay, step, norm, clip, betas=BETAS):
    corrections = [1 / (1 - beta ** (step + 1)) for beta in betas]
    return torch.tensor([rate, decay, *corrections, clip_factor(norm, clip)], dtype=torch.float64)


def norm_case(name, size, step, clip, betas=BETAS, scale=1.0):
    gradients = normal(size, scale=scale)
    norm = gradients.norm()
    rate, decay, clip = (exact(v).item() for v in (3e-3, 0.05, clip))
    inputs = [gradients, exact(rate), exact(decay), (torch.tensor(step), "u32"), exact(clip)]
    outputs = [norm, settings_of(rate, decay, step, norm.item(), clip, betas)]
    return case(name, {"beta1": betas[0], "beta2": betas[1]}, inputs, outputs, tolerance=1e-5)


write(
    "gradientNorm",
    [
        norm_case("one, first step", 1, 0, 0.0),
        norm_case("257, clipped", 257, 3, 1.0),
        norm_case("1,000, clip above the norm", 1000, 9, 100.0),
        norm_case("4,099, slow second moment", 4099, 0, 1.0, (0.9, 0.999)),
        norm_case("4,096, slow second moment, late", 4096, 5000, 0.5, (0.9, 0.999)),
        norm_case("64, very slow", 64, 1, -1.0, (0.99, 0.9999)),
    ],
)


def reference(start, groups, rate, decay, betas=BETAS):
    """torch.optim.AdamW with a parameter group for each block of 64."""
    blocks = [torch.nn.Parameter(block.clone()) for block in start.split(64)]
    options = [
        {"params": [p], "lr": rate * lr_scale, "weight_decay": decay * decay_scale}
        for p, (lr_scale, decay_scale) in zip(blocks, groups.tolist())
    ]
    return blocks, torch.optim.AdamW(options, betas=betas, eps=EPS)


def flat(blocks):
    return torch.cat([b.detach() for b in blocks])


def moments(optimiser, blocks):
    return [flat([optimiser.state[b][name] for b in blocks]) for name in ("exp_avg", "exp_avg_sq")]


def set_gradients(blocks, gradients):
    for block, gradient in zip(blocks, gradients.split(64)):
        block.grad = gradient.clone()


def update_case(name, groups, step, clip=0.0, bad=False, average=None):
    """One update from a given state of the optimiser."""
    groups = exact(groups)
    size = 64 * len(groups)
    rate, decay = exact(0.01).item(), exact(0.1).item()
    start, gradients, average_start = normal(size), normal(size), normal(size)
    first, second = normal(size), exact(normal(size).square().float())
    if step == 0:
        first, second = torch.zeros_like(first), torch.zeros_like(second)
    norm = math.nan if bad else gradients.norm().item()
    settings = exact(settings_of(rate, decay, step, norm, clip))
    inputs = [start, gradients, first, second, groups, settings]
    expected = [start, first, second]
    if not bad:
        blocks, optimiser = reference(start, groups, rate, decay)
        for block, m, v in zip(blocks, first.split(64), second.split(64)):
            optimiser.state[block] = {"step": torch.tensor(float(step)), "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
        set_gradients(blocks, gradients)
        if clip > 0:
            torch.nn.utils.clip_grad_norm_(blocks, clip)
        optimiser.step()
        expected = [flat(blocks), *moments(optimiser, blocks)]
    if average is not None:
        average = exact(average)
        inputs += [average_start, average]
        expected.append(average_start if bad else average * average_start + (1 - average) * expected[0])
    attrs = {"beta1": BETAS[0], "beta2": BETAS[1], "eps": EPS}
    return case(name, attrs, inputs, expected, tolerance=2e-6)


ALL = [[1, 1]]
MIXED = [[1, 1], [1, 0], [0.5, 1], [0, 1]]

write(
    "adamw",
    [
        update_case("first step", ALL, 0),
        update_case("later, clipped", ALL, 7, clip=0.5),
        update_case("factors of rate and decay", MIXED, 3),
        update_case("norm not finite", ALL, 3, bad=True),
    ],
)
write(
    "adamwAverage",
    [
        update_case("with a moving average", MIXED, 2, clip=1.0, average=0.9),
        update_case("norm not finite", ALL, 3, bad=True, average=0.9),
    ],
)


def ema_case(name, size, decay):
    average, value, decay = normal(size), normal(size), exact(decay)
    return case(name, {}, [average, value, decay], [decay * average + (1 - decay) * value], tolerance=1e-6)


write("ema", [ema_case("64", 64, 0.99), ema_case("not a multiple of a workgroup", 1012, 0.999), ema_case("copy", 4, 0.0)])


def record_case(name, capacity, columns, step):
    history, scalars = normal(capacity, columns), [normal() for _ in range(columns)]
    after = history.clone()
    after[step % capacity] = torch.stack(scalars)
    inputs = [history, (torch.tensor(step), "u32"), *scalars]
    return case(name, {}, inputs, [after, (torch.tensor(step + 1), "u32")], tolerance=1e-7)


write(
    "record",
    [record_case("first row", 7, 3, 0), record_case("wrapped", 5, 1, 13), record_case("six columns", 3, 6, 2)],
)


def ten_updates(name, groups, clip, betas, size_of_gradients):
    """Ten updates from zero moments; the gradient's size changes so that clipping acts in some steps only."""
    groups = exact(groups)
    size = 64 * len(groups)
    rate, decay = exact(0.01).item(), exact(0.05).item()
    start = normal(size)
    gradients = [normal(size, scale=size_of_gradients * (0.2 + k / 5)) for k in range(10)]
    blocks, optimiser = reference(start, groups, rate, decay, betas)
    norms = []
    for gradient in gradients:
        set_gradients(blocks, gradient)
        norms.append(gradient.norm().item())
        if clip > 0:
            torch.nn.utils.clip_grad_norm_(blocks, clip)
        optimiser.step()
    m, v = moments(optimiser, blocks)
    numbers = {
        "start": start,
        "gradients": torch.stack(gradients),
        "groups": groups,
        "norms": torch.tensor(norms, dtype=torch.float64),
        "parameters": flat(blocks),
        "firstMoment": m,
        "secondMoment": v,
    }
    scalars = {"learningRate": rate, "weightDecay": decay, "clip": clip, "beta1": betas[0], "beta2": betas[1], "eps": EPS}
    return {"name": name, **scalars, **{key: tensor(value)["data"] for key, value in numbers.items()}}


runs = [
    ten_updates("plain", [[1, 1], [1, 1]], 0.0, (0.9, 0.999), 1.0),
    ten_updates("clipped", [[1, 1], [1, 1]], 8.0, (0.9, 0.95), 1.0),
    ten_updates("without decay, at half the rate, frozen", MIXED, 0.5, (0.9, 0.999), 1e-2),
]
(FOLDER / "updates").mkdir(exist_ok=True)
text = json.dumps({"source": f"torch {torch.__version__}, torch.optim.AdamW in float64", "runs": runs}) + "\n"
(FOLDER / "updates" / "adamw.json").write_text(text)
print(f"updates/adamw.json: {len(runs)} runs, {len(text)} bytes")
