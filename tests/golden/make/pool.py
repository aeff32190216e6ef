"""Oracles of pooling (src/engine/ops/pool.ts): torch.nn.functional.max_pool, avg_pool in float64."""

import torch
import torch.nn.functional as F
from golden import case, normal, write

torch.manual_seed(51)

MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def attributes(axes, kernel, stride, padding):
    each = lambda value: [value] * axes if isinstance(value, int) else list(value)
    return {"kernel": each(kernel), "stride": each(stride), "padding": each(padding)}


def max_case(name, shape, kernel, stride, padding=0, x=None):
    x = (normal(*shape, digits=2) if x is None else x).requires_grad_()
    attrs = attributes(len(shape) - 2, kernel, stride, padding)
    y, index = MAX[len(shape) - 2](x, attrs["kernel"], attrs["stride"], attrs["padding"], return_indices=True)
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, attrs, [x], [y, (index, "u32")], [cotangent, None], [x.grad])


write(
    "maxPool",
    [
        max_case("one", (1, 1, 1, 1), 1, 1),
        max_case("2×2", (2, 3, 6, 8), 2, 2),
        max_case("2×2, odd input", (2, 3, 7, 5), 2, 2),
        max_case("3×3, stride 2, padding 1", (2, 3, 7, 11), 3, 2, 1),
        max_case("overlapping", (1, 2, 7, 6), 3, 1, 1),
        max_case("stride over the kernel", (1, 2, 9, 11), 2, 3),
        max_case("unequal", (1, 2, 7, 9), (3, 2), (1, 2), (1, 0)),
        max_case("ties go to the first", (1, 1, 6, 6), 3, 2, x=torch.zeros(1, 1, 6, 6, dtype=torch.float64)),
        max_case("one axis", (2, 3, 17), 3, 2, 1),
        max_case("three axes", (2, 2, 4, 6, 5), 2, 2),
        max_case("three axes, padding", (1, 2, 3, 5, 7), 3, 2, 1),
    ],
)


def average_case(name, shape, kernel, stride, padding=0, count_padding=True):
    x = normal(*shape, digits=2).requires_grad_()
    attrs = attributes(len(shape) - 2, kernel, stride, padding)
    y = AVERAGE[len(shape) - 2](
        x, attrs["kernel"], attrs["stride"], attrs["padding"], count_include_pad=count_padding
    )
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, {**attrs, "countPadding": count_padding}, [x], [y], [cotangent], [x.grad])


write(
    "averagePool",
    [
        average_case("one", (1, 1, 1, 1), 1, 1),
        average_case("2×2, odd input", (2, 3, 7, 5), 2, 2),
        average_case("3×3, stride 2, padding 1", (2, 3, 7, 8), 3, 2, 1),
        average_case("only what lies inside counts", (2, 3, 7, 8), 3, 2, 1, count_padding=False),
        average_case("stride over the kernel", (1, 2, 9, 11), 2, 3),
        average_case("unequal", (1, 2, 7, 9), (3, 2), (1, 2), (1, 0)),
        average_case("one axis", (2, 3, 17), 3, 2, 1),
        average_case("three axes", (2, 2, 4, 6, 5), 2, 2),
        average_case("three axes, padding", (1, 2, 3, 5, 7), 3, 2, 1, count_padding=False),
    ],
)
