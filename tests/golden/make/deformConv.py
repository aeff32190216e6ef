"""Oracle of deformConv (src/engine/ops/deformConv.ts): torchvision.ops.deform_conv2d in float64.

Weights are [kh, kw, C/groups, O] here, [O, C/groups, kh, kw] in PyTorch. At a point of exactly −1 torchvision has a one-sided gradient
by the offset where ours is 0; no case has one.
"""

import torch
import torchvision
from golden import case, exact, normal, write

torch.manual_seed(37)


def halves(*shape):
    return exact((torch.randn(shape) * 2).round() / 2)


def deform_case(name, x, kernel, out, stride=1, padding=0, dilation=1, groups=1, offsets=1, masked=False, spread=1.5, at=None):
    each = lambda value: [value] * 2 if isinstance(value, int) else list(value)
    attrs = {"stride": each(stride), "padding": each(padding), "dilation": each(dilation), "groups": groups}
    B, C, H, W = x
    x = halves(*x).requires_grad_()
    w = halves(*kernel, C // groups, out).requires_grad_()
    lengths = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip((H, W), kernel, attrs["stride"], attrs["padding"], attrs["dilation"])
    ]
    taps = kernel[0] * kernel[1]
    offset = normal(B, 2 * offsets * taps, *lengths, scale=spread, digits=2)
    # No point of exactly −1, nor at another whole coordinate, where the slope has a step.
    offset = exact(torch.where(offset == offset.round(), offset + 0.25, offset))
    if at is not None:
        offset = torch.full_like(offset, at)
    offset.requires_grad_()
    mask = exact(torch.rand(B, offsets * taps, *lengths).round(decimals=2)).requires_grad_() if masked else None
    y = torchvision.ops.deform_conv2d(
        x,
        offset,
        w.permute(3, 2, 0, 1),
        None,
        tuple(attrs["stride"]),
        tuple(attrs["padding"]),
        tuple(attrs["dilation"]),
        mask,
    )
    cotangent = halves(*y.shape)
    (y * cotangent).sum().backward()
    leaves = [x, offset, w] + ([mask] if masked else [])
    return case(name, attrs, leaves, [y], [cotangent], [v.grad for v in leaves], 2e-5)


write(
    "deformConv",
    [
        deform_case("one pixel", (1, 1, 1, 1), (1, 1), 1, spread=0.4),
        deform_case("one pixel, 3×3, mask", (2, 2, 1, 1), (3, 3), 3, padding=1, masked=True),
        deform_case("3×3", (2, 3, 5, 6), (3, 3), 5, padding=1),
        deform_case("3×3, mask", (2, 3, 5, 4), (3, 3), 5, padding=1, masked=True),
        deform_case("whole offsets", (1, 2, 4, 5), (3, 3), 2, padding=1, at=1.0),
        deform_case("no offsets", (1, 2, 5, 4), (3, 3), 4, at=0.0),
        deform_case("far outside", (1, 3, 4, 5), (3, 3), 4, padding=1, spread=9.0),
        deform_case("all outside", (1, 2, 3, 3), (2, 2), 3, at=40.25),
        deform_case("stride 2, dilation 2", (1, 4, 9, 7), (3, 3), 4, stride=2, padding=2, dilation=2),
        deform_case("uneven kernel, all different", (1, 3, 6, 7), (2, 5), 2, (2, 1), (1, 3), (3, 1), masked=True),
        deform_case("two deformable groups", (2, 4, 4, 5), (3, 3), 3, padding=1, offsets=2, masked=True),
        deform_case("groups", (1, 6, 4, 5), (3, 3), 4, padding=1, groups=2),
        deform_case("three groups, two deformable", (1, 6, 4, 4), (2, 2), 6, groups=3, offsets=2, masked=True),
        deform_case("two groups, three deformable", (1, 12, 3, 3), (2, 2), 4, groups=2, offsets=3),
        deform_case("more than a tile", (2, 3, 5, 6), (1, 2), 33, padding=(0, 1), masked=True),
        deform_case("long reduction", (5, 1, 5, 8), (1, 2), 2, spread=0.8),
    ],
)
