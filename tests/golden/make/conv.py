"""Oracles of conv and convTranspose (src/engine/ops/conv.ts): torch.nn.functional.conv1d, conv2d, conv3d in float64.

Weights are [kernel..., C/groups, O] here, [O, C/groups, kernel...] in PyTorch.
"""

import torch
import torch.nn.functional as F
from golden import case, exact, write

torch.manual_seed(31)

CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def halves(*shape):
    """Multiples of a half: sums of their products are short numbers, so that the files stay small."""
    return exact((torch.randn(shape) * 2).round() / 2)


def torch_weight(w):
    return w.movedim(-1, 0).movedim(-1, 1)


def attributes(axes, stride, padding, dilation, groups):
    each = lambda value: [value] * axes if isinstance(value, int) else list(value)
    return {"stride": each(stride), "padding": each(padding), "dilation": each(dilation), "groups": groups}


def conv_case(name, x, kernel, out, stride=1, padding=0, dilation=1, groups=1):
    axes = len(kernel)
    x = halves(*x).requires_grad_()
    w = halves(*kernel, x.shape[1] // groups, out).requires_grad_()
    attrs = attributes(axes, stride, padding, dilation, groups)
    y = CONV[axes](x, torch_weight(w), None, attrs["stride"], attrs["padding"], attrs["dilation"], groups)
    cotangent = halves(*y.shape)
    (y * cotangent).sum().backward()
    return case(name, attrs, [x, w], [y], [cotangent], [x.grad, w.grad], 1e-5)


def transpose_case(name, lengths, batch, kernel, inputs, out, stride=1, padding=0, dilation=1, groups=1):
    """The transposed map of a convolution of [batch, inputs, lengths] by its gradient, and that map's own gradients."""
    axes = len(kernel)
    attrs = attributes(axes, stride, padding, dilation, groups)
    w = halves(*kernel, inputs // groups, out).requires_grad_()
    x = torch.zeros(batch, inputs, *lengths, dtype=torch.float64, requires_grad=True)
    apply = lambda v: CONV[axes](v, torch_weight(w), None, attrs["stride"], attrs["padding"], attrs["dilation"], groups)
    y = halves(*apply(x).shape).requires_grad_()
    (result,) = torch.autograd.grad((apply(x) * y).sum(), x, create_graph=True)
    cotangent = halves(*result.shape)
    (result * cotangent).sum().backward()
    return case(name, {**attrs, "lengths": list(lengths)}, [y, w], [result], [cotangent], [y.grad, w.grad], 1e-5)


write(
    "conv",
    [
        conv_case("one", (1, 1, 1, 1), (1, 1), 1),
        conv_case("3×3, one channel", (2, 1, 5, 7), (3, 3), 1, padding=1),
        conv_case("primes", (2, 3, 7, 11), (3, 5), 5, padding=(1, 2)),
        conv_case("multiples of four", (2, 8, 4, 4), (3, 3), 12, padding=1),
        conv_case("no padding", (1, 4, 6, 9), (3, 3), 4),
        conv_case("stride 2, odd input", (2, 4, 7, 9), (3, 3), 8, stride=2, padding=1),
        conv_case("stride 2, even input: the last row is not seen", (1, 4, 8, 8), (3, 3), 4, stride=2),
        conv_case("stride 3 over kernel 2", (1, 5, 8, 11), (2, 2), 3, stride=3),
        conv_case("1×1, stride 2", (2, 8, 7, 7), (1, 1), 8, stride=2),
        conv_case("dilation 2", (2, 4, 9, 8), (3, 3), 4, padding=2, dilation=2),
        conv_case("dilation and stride 2", (1, 3, 11, 13), (3, 3), 4, stride=2, padding=(2, 1), dilation=(2, 3)),
        conv_case("padding larger than the kernel", (1, 4, 3, 3), (2, 3), 4, padding=(4, 5)),
        conv_case("groups of three channels", (2, 6, 5, 5), (3, 3), 4, padding=1, groups=2),
        conv_case("groups of four", (2, 8, 4, 4), (3, 3), 8, padding=1, groups=2),
        conv_case("depthwise", (1, 5, 6, 7), (3, 3), 10, padding=1, groups=5),
        conv_case("kernel 7, stride 2", (1, 3, 11, 12), (7, 7), 4, stride=2, padding=3),
        conv_case("more than a tile", (2, 9, 7, 9), (3, 3), 12, padding=1),
        conv_case("35 channels", (1, 35, 3, 4), (1, 1), 33),
        conv_case("one axis", (2, 4, 19), (5,), 8, stride=2, padding=2),
        conv_case("three axes", (2, 4, 3, 4, 5), (3, 3, 3), 4, padding=1),
        conv_case("three axes, stride 2, odd", (1, 3, 5, 3, 5), (3, 3, 3), 5, stride=2, padding=1),
        conv_case("three axes, all different", (1, 4, 6, 5, 7), (2, 3, 1), 4, (2, 1, 3), (1, 0, 2), (1, 2, 1), 2),
    ],
)

write(
    "convTranspose",
    [
        transpose_case("one", (1, 1), 1, (1, 1), 1, 1),
        transpose_case("stride 2, odd", (7, 9), 2, (3, 3), 4, 8, stride=2, padding=1),
        transpose_case("kernel 4, stride 2", (8, 12), 1, (4, 4), 3, 5, stride=2, padding=1),
        transpose_case("groups, dilation 2", (9, 8), 1, (3, 3), 4, 8, padding=2, dilation=2, groups=2),
        transpose_case("three axes", (4, 6, 4), 1, (2, 2, 2), 4, 4, stride=2),
    ],
)
