"""Oracles of the exact denoiser of a Gaussian mixture (src/engine/ops/idealDenoiser.ts): the density's gradient by autograd in float64.

The denoised estimate is not computed from the op's own formula: by Tweedie's, E[x0 | x] = (x + beta^2 * grad log p(x)) / alpha."""

import math

import torch
from golden import case, exact, normal, write

torch.manual_seed(11)


def denoiser_case(name, rows, depth, components, levels, deviation=(0.1, 0.5), equal=False, tolerance=1e-5):
    means = normal(components, depth)
    weights = torch.rand(components, dtype=torch.float64) + 0.1
    log_weights = exact((weights / weights.sum()).log().round(decimals=4))
    low, high = deviation
    deviations = exact((low + (high - low) * torch.rand(components, dtype=torch.float64)).round(decimals=3))
    if equal:
        deviations = torch.full((components,), exact(low).item(), dtype=torch.float64)
        log_weights = torch.full((components,), exact(-math.log(components)).item(), dtype=torch.float64)
    level = exact([levels[r % len(levels)] for r in range(rows)])
    alpha, beta = level[:, :1], level[:, 1:]
    clean = means[torch.arange(rows) % components]
    x = exact((alpha * clean + beta * normal(rows, depth)).round(decimals=4)).requires_grad_()
    variance = (alpha * deviations[None, :]) ** 2 + beta**2
    squared = ((x[:, None, :] - alpha[:, None, :] * means[None]) ** 2).sum(-1)
    logs = log_weights[None] - squared / (2 * variance) - depth / 2 * (2 * math.pi * variance).log()
    log_density = logs.logsumexp(-1)
    (score,) = torch.autograd.grad(log_density.sum(), x)
    shares = logs.softmax(-1)
    spread = ((alpha * deviations[None] ** 2) / variance)[:, :, None] * x[:, None, :]
    mean = (shares[:, :, None] * (spread + (beta**2 / variance)[:, :, None] * means[None])).sum(1)
    inside = (alpha > 0).reshape(-1)
    tweedie = (x + beta**2 * score)[inside] / alpha[inside]
    assert (tweedie - mean[inside]).abs().max() < 1e-6 * max(1.0, float(beta.max()))
    return case(name, {}, [x, level, means, log_weights, deviations], [mean, log_density], tolerance=tolerance)


WIDE = [(1.0, 0.4), (1.0, 0.002), (1.0, 80.0), (0.3, 0.954), (0.0, 1.0), (0.5, 0.5)]

write(
    "idealDenoiser",
    [
        denoiser_case("one component on a line", 1, 1, 1, [(1.0, 0.5)]),
        denoiser_case("a plane, all levels", 67, 2, 13, WIDE),
        denoiser_case("three dimensions", 5, 3, 130, WIDE),
        denoiser_case("four dimensions", 19, 4, 7, WIDE),
        denoiser_case("points of a plane", 31, 2, 101, WIDE, deviation=(0.0, 0.0), equal=True),
        denoiser_case("five dimensions, one row, one component", 1, 5, 1, [(1.0, 0.3)]),
        denoiser_case("37 dimensions", 11, 37, 70, WIDE),
        denoiser_case("small images as points", 6, 61, 67, WIDE, deviation=(0.0, 0.0), equal=True),
    ],
)
