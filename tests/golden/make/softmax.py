"""Oracles of softmax (src/engine/ops/softmax.ts): PyTorch in float64."""

import torch
from golden import case, exact, normal, write

torch.manual_seed(3)


def softmax_case(name, shape, scale=1.0, data=None):
    x = exact(data) if data is not None else normal(*shape, scale=scale)
    x = x.reshape(shape).requires_grad_()
    y = x.softmax(-1)
    cotangent = normal(*shape)
    (y * cotangent).sum().backward()
    return case(name, {}, [x], [y], [cotangent], [x.grad])


write(
    "softmax",
    [
        softmax_case("one", (1,)),
        softmax_case("odd", (3, 7)),
        softmax_case("width of 4k", (5, 3, 16)),
        softmax_case("one column", (11, 1)),
        softmax_case("long rows", (2, 517), scale=3.0),
        softmax_case("long rows of 4k", (2, 640), scale=3.0),
        softmax_case("many short rows", (131, 5)),
        softmax_case("far apart", (2, 6), data=[[1e4, -1e4, 0, 9999, 9998.5, -3e38], [-3e38, -3e38, -3e38, -1e38, 88, 89]]),
        softmax_case("large and equal", (1, 8), data=[[3e38] * 8]),
    ],
)
