"""Oracles of sum and extremum (src/engine/ops/reduce.ts, reduceExtremum.ts): PyTorch and NumPy in float64."""

import torch
from golden import case, exact, normal, write

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


def extremum_case(name, shape, axes, kind="max", digits=3, data=None):
    """The oracle puts the reduced axes last, row-major, and takes the first arg-max of each row."""
    x = exact(data) if data is not None else normal(*shape, digits=digits)
    x = x.reshape(shape).requires_grad_()
    kept = [i for i in range(len(shape)) if i not in axes]
    rows = x.permute(kept + axes).reshape([shape[i] for i in kept] + [-1])
    sign = 1 if kind == "max" else -1
    index = torch.as_tensor((sign * rows).detach().numpy().argmax(-1))
    value = rows.gather(-1, index.unsqueeze(-1)).squeeze(-1)
    cotangent = normal(*value.shape)
    (value * cotangent).sum().backward()
    attrs = {"kind": kind, "axes": axes}
    return case(name, attrs, [x], [value, (index, "u32")], [cotangent, None], [x.grad], 1e-6)


write(
    "extremum",
    [
        extremum_case("one", (1,), [0]),
        extremum_case("vector, min", (257,), [0], "min"),
        extremum_case("rows", (13, 37), [1]),
        extremum_case("rows with ties", (11, 41), [1], digits=0),
        extremum_case("columns with ties, min", (53, 7), [0], "min", digits=0),
        extremum_case("all equal", (3, 67), [1], data=[[2.5] * 67] * 3),
        extremum_case("all far below zero", (5, 3), [1], data=[[-3e38] * 3] * 5),
        extremum_case("outer and inner", (5, 3, 7), [0, 2]),
        extremum_case("two runs and an end, ties", (3, 2, 5, 4), [0, 2], digits=0),
        extremum_case("tall vector, ties", (2503,), [0], digits=2),
        extremum_case("tall columns, min", (307, 3), [0], "min"),
    ],
)
