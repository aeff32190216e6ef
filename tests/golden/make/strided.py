"""Oracles of permute, slice, pad and concat."""

import torch
import torch.nn.functional as F
from golden import case, normal, write

torch.manual_seed(14)


def checked(name, attrs, inputs, apply):
    for x in inputs:
        x.requires_grad_()
    y = apply(*inputs)
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, attrs, inputs, [y], [cotangent], [x.grad for x in inputs])


def permute_case(name, shape, axes):
    return checked(name, {"axes": axes}, [normal(*shape, digits=2)], lambda x: x.permute(axes))


write(
    "permute",
    [
        permute_case("a matrix", (5, 7), [1, 0]),
        permute_case("batches stay", (3, 4, 5), [0, 2, 1]),
        permute_case("in turn", (2, 3, 5), [2, 0, 1]),
        permute_case("patches", (2, 3, 2, 2, 2, 2), [0, 2, 4, 3, 5, 1]),
        permute_case("with ones", (1, 7, 1, 3), [3, 2, 1, 0]),
    ],
)


def slice_case(name, shape, start, size):
    window = tuple(slice(a, a + n) for a, n in zip(start, size))
    return checked(name, {"start": start, "size": size}, [normal(*shape, digits=2)], lambda x: x[window])


write(
    "slice",
    [
        slice_case("one of many", (11,), [7], [1]),
        slice_case("inside", (5, 7, 3), [1, 2, 0], [3, 4, 3]),
        slice_case("the end", (4, 9), [0, 5], [4, 4]),
    ],
)


def pad_case(name, shape, before, after, value):
    widths = [w for pair in reversed(list(zip(before, after))) for w in pair]
    attrs = {"before": before, "after": after, "value": value}
    return checked(name, attrs, [normal(*shape, digits=2)], lambda x: F.pad(x, widths, value=value))


write(
    "pad",
    [
        pad_case("a line", (3,), [2], [1], 0),
        pad_case("one side", (2, 5), [0, 0], [3, 0], 0),
        pad_case("all sides with a value", (2, 3, 5), [1, 0, 2], [0, 2, 1], -1.5),
    ],
)


def concat_case(name, a, b, axis):
    return checked(name, {"axis": axis}, [normal(*a, digits=2), normal(*b, digits=2)], lambda x, y: torch.cat([x, y], axis))


write(
    "concat",
    [
        concat_case("lines", (3,), (5,), 0),
        concat_case("tokens", (2, 1, 6), (2, 7, 6), 1),
        concat_case("columns", (3, 5), (3, 2), 1),
        concat_case("batches", (1, 4, 3), (2, 4, 3), 0),
    ],
)
