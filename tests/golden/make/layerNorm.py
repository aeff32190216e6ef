"""Oracles of layer norm (src/engine/ops/layerNorm.ts): torch.nn.functional.layer_norm in float64."""

import torch
from golden import case, normal, write

torch.manual_seed(2)


def layer_norm_case(name, shape, eps=1e-6, scale=1.0, shift=0.0, digits=3):
    columns = shape[-1]
    x = normal(*shape, scale=scale, shift=shift, digits=digits).requires_grad_()
    gain = normal(columns, shift=1.0).requires_grad_()
    bias = normal(columns).requires_grad_()
    y = torch.nn.functional.layer_norm(x, (columns,), gain, bias, eps)
    cotangent = normal(*shape)
    (y * cotangent).sum().backward()
    rows = x.detach().reshape(-1, columns)
    mean = rows.mean(-1)
    rstd = (rows.var(-1, unbiased=False) + eps).rsqrt()
    return case(
        name,
        {"eps": eps},
        [x, gain, bias],
        [y, mean, rstd],
        [cotangent, None, None],
        [x.grad, gain.grad, bias.grad],
    )


write(
    "layerNorm",
    [
        layer_norm_case("one", (1, 1)),
        layer_norm_case("one column", (5, 1), eps=1e-2),
        layer_norm_case("one row of 7", (7,)),
        layer_norm_case("primes", (13, 37)),
        layer_norm_case("three axes", (3, 11, 8)),
        layer_norm_case("rows over a block", (67, 12)),
        layer_norm_case("two lanes' rows", (3, 257)),
        layer_norm_case("width of 4k", (5, 260)),
        layer_norm_case("mean 1000, deviation 1", (9, 32), shift=1000.0),
        layer_norm_case("mean 1000, deviation 0.1", (9, 33), shift=1000.0, scale=0.1, digits=6),
        layer_norm_case("tiny deviation", (4, 16), scale=1e-3, digits=7),
        layer_norm_case("large eps", (5, 24), eps=1.0),
    ],
)
