"""Oracles of sum (src/engine/ops/reduce.ts): PyTorch in float64."""

import torch
from golden import case, normal, write

torch.manual_seed(1)


def sum_case(name, shape, axes, tolerance=1e-5):
    x = normal(*shape).requires_grad_()
    y = x.sum(dim=axes) if axes else x
    cotangent = normal(*y.shape)
    (y * cotangent).sum().backward()
    return case(name, {"axes": axes}, [x], [y], [cotangent], [x.grad], tolerance)


write(
    "sum",
    [
        sum_case("one", (1,), [0]),
        sum_case("scalar of a vector", (257,), [0]),
        sum_case("whole matrix", (37, 31), [0, 1]),
        sum_case("rows", (13, 29), [1]),
        sum_case("rows of 4k", (7, 64), [1]),
        sum_case("columns", (31, 17), [0]),
        sum_case("columns of 4k", (101, 12), [0]),
        sum_case("tall, one column", (701, 1), [0]),
        sum_case("tall, three columns", (401, 3), [0]),
        sum_case("tall, eight columns", (389, 8), [0]),
        sum_case("middle axis", (3, 11, 5), [1]),
        sum_case("outer and inner", (5, 3, 7), [0, 2]),
        sum_case("two runs and an end", (3, 2, 5, 4), [0, 2]),
        sum_case("two runs of two", (2, 3, 5, 2, 3), [0, 1, 3]),
        sum_case("sizes of one among them", (1, 5, 1, 3, 1, 7), [0, 1, 4, 5]),
        sum_case("tall in two runs", (41, 3, 13), [0, 2]),
    ],
)
