"""Oracles of region pooling (src/engine/ops/{roiPool,roiAlign,psRoiPool,deformPsRoiPool}.ts) in float64: torchvision where it has the op.

torchvision's ps_roi_pool has a backward that does not fit its forward at the border: the gradients here are central differences of the
forward, which are exact, since it is linear. Deformable pooling is a plain loop after the kernel of the Deformable-ConvNets repository; its
gradient by x is again by differences, that by the offsets is the formula, checked here by differences away from whole coordinates.
"""

import math

import torch
import torchvision
from golden import case, exact, normal, write

torch.manual_seed(41)

REGIONS = exact([[0, 1, 2, 8, 7], [0, -2, 3, 6.5, 12], [0, 5, 5, 5.2, 5.4], [1, 0, 0, 12, 10], [1, 40, 40, 60, 50], [0, 3.5, 2.5, 9.5, 8.25]])
ONE = exact([[0, 0, 0, 1, 1]])


def halves(*shape):
    return exact((torch.randn(shape) * 2).round() / 2)


def distinct(*shape):
    """Values of which no two are equal: a maximum is one element."""
    size = math.prod(shape)
    return exact((torch.randperm(size).double() - size // 2) / 8).reshape(shape)


def regions(R, B, width, height):
    a = torch.rand(R, 2, 2) * torch.tensor([width, height]) * 1.3 - 0.15 * torch.tensor([width, height])
    a = (a * 4).round() / 4
    low, high = a.amin(1), a.amax(1)
    return exact(torch.cat([torch.randint(0, B, (R, 1)).float(), low, high + 0.25], 1))


def pooled(name, function, attrs, x, rois, make=halves):
    x = make(*x).requires_grad_()
    y = function(x, rois)
    cotangent = halves(*y.shape)
    (y * cotangent).sum().backward()
    return x, y, cotangent


def pool_case(name, x, rois, bins, scale=0.5):
    x, y, g = pooled(name, lambda x, r: torchvision.ops.roi_pool(x, r, bins, scale), None, x, rois, distinct)
    return case(name, {"bins": bins, "scale": scale}, [x, rois], [y, None], [g, None], [x.grad, None], 1e-5)


write(
    "roiPool",
    [
        pool_case("one", (1, 1, 1, 1), ONE, 1, 1),
        pool_case("regions across the border, outside, of another picture", (2, 3, 5, 6), REGIONS, 2),
        pool_case("more bins than pixels", (2, 1, 5, 6), REGIONS, 7),
        pool_case("primes", (3, 5, 7, 11), regions(13, 3, 88, 56), 3, 0.125),
        pool_case("few regions", (2, 2, 17, 13), regions(3, 2, 52, 68), 5, 0.25),
    ],
)


def align_case(name, x, rois, bins, samples, aligned, scale=0.5):
    align = lambda x, r: torchvision.ops.roi_align(x, r, bins, scale, samples or -1, aligned)
    x, y, g = pooled(name, align, None, x, rois)
    attrs = {"bins": bins, "scale": scale, "samples": samples, "aligned": aligned}
    return case(name, attrs, [x, rois], [y], [g], [x.grad, None], 2e-5)


write(
    "roiAlign",
    [
        align_case("one", (1, 1, 1, 1), ONE, 1, 1, True, 1),
        align_case("two samples", (2, 3, 5, 6), REGIONS, 2, 2, True),
        align_case("not aligned", (2, 5, 5, 6), REGIONS, 2, 2, False),
        align_case("as many samples as fit", (2, 2, 5, 6), REGIONS, 2, 0, True),
        align_case("as many as fit, not aligned", (2, 1, 5, 6), REGIONS, 3, 0, False),
        align_case("seven bins", (2, 2, 5, 6), REGIONS, 7, 2, True),
        align_case("primes", (3, 6, 7, 11), regions(7, 3, 88, 56), 3, 2, True, 0.125),
        align_case("large regions, one sample", (2, 4, 17, 13), regions(3, 2, 52, 68), 3, 1, True, 0.25),
    ],
)


def round_away(v):
    return math.copysign(math.floor(abs(v) + 0.5), v)


def rfcn(x, rois, k, scale):
    """R-FCN's position-sensitive pooling."""
    B, C, H, W = x.shape
    out = []
    for b, x1, y1, x2, y2 in rois.tolist():
        top, left = round_away(y1) * scale, round_away(x1) * scale
        h = max((round_away(y2) + 1) * scale - top, 0.1)
        w = max((round_away(x2) + 1) * scale - left, 0.1)
        # The quotient of the exact numbers: a bin's border that is whole is not moved by rounding.
        floor = lambda i, size, start: math.floor(i * size / k + start + 1e-9)
        ceil = lambda i, size, start: math.ceil((i + 1) * size / k + start - 1e-9)
        cut = lambda v, most: min(max(v, 0), most)
        for c in range(C // k**2):
            for i in range(k):
                rows = slice(cut(floor(i, h, top), H), cut(ceil(i, h, top), H))
                for j in range(k):
                    columns = slice(cut(floor(j, w, left), W), cut(ceil(j, w, left), W))
                    cell = x[int(b), (c * k + i) * k + j, rows, columns]
                    out.append(cell.mean() if cell.numel() else cell.sum())
    return torch.stack(out).reshape(len(rois), C // k**2, k, k)


def differences(function, x, g, step=0.5):
    """The gradient of ⟨function(x), g⟩ by central differences."""
    flat = x.detach().reshape(-1)
    slopes = torch.zeros_like(flat)
    for i in range(len(flat)):
        ends = []
        for sign in (1, -1):
            moved = flat.clone()
            moved[i] += sign * step
            ends.append((function(moved.reshape(x.shape)) * g).sum())
        slopes[i] = (ends[0] - ends[1]) / (2 * step)
    return slopes.reshape(x.shape)


def ps_case(name, x, rois, bins, rule, scale=0.5):
    torch_rule = lambda x: torchvision.ops.ps_roi_pool(x, rois, bins, scale)
    function = torch_rule if rule == "torchvision" else lambda x: rfcn(x, rois, bins, scale)
    x = halves(*x)
    y = function(x)
    g = halves(*y.shape)
    slope = differences(function, x, g)
    return case(name, {"bins": bins, "scale": scale, "rule": rule}, [x, rois], [y], [g], [slope, None], 2e-5)


write(
    "psRoiPool",
    [
        ps_case("one", (1, 1, 1, 1), ONE, 1, "rfcn", 1),
        ps_case("torchvision", (2, 8, 5, 6), REGIONS, 2, "torchvision"),
        ps_case("torchvision, three bins", (1, 9, 7, 5), regions(5, 1, 20, 28), 3, "torchvision", 0.25),
        ps_case("R-FCN", (2, 8, 5, 6), REGIONS, 2, "rfcn"),
        ps_case("R-FCN, one bin", (2, 3, 5, 6), REGIONS, 1, "rfcn"),
        ps_case("R-FCN, three bins", (2, 18, 7, 5), regions(5, 2, 20, 28), 3, "rfcn", 0.25),
        ps_case("R-FCN, seven bins", (1, 49, 5, 4), regions(3, 1, 32, 40), 7, "rfcn", 0.125),
    ],
    "torchvision 0.14 forward and plain loops, float64; gradients by differences",
)


def deformable(x, rois, trans, k, scale, group, spp, gamma, slopes=None):
    """Deformable PS-RoI pooling; with `slopes` = g the gradient by trans instead."""
    B, C, H, W = x.shape
    outputs = C // group**2
    classes, parts = (trans.shape[1] // 2, trans.shape[2]) if trans is not None else (1, 1)
    y = torch.zeros(len(rois), outputs, k, k, dtype=torch.float64)
    by_trans = None if trans is None else torch.zeros_like(trans)
    for r, (b, x1, y1, x2, y2) in enumerate(rois.tolist()):
        left, top = round_away(x1) * scale - 0.5, round_away(y1) * scale - 0.5
        w = max((round_away(x2) + 1) * scale - 0.5 - left, 0.1)
        h = max((round_away(y2) + 1) * scale - 0.5 - top, 0.1)
        for c in range(outputs):
            pair = c // (outputs // classes)
            for i in range(k):
                for j in range(k):
                    pi, pj = i * parts // k, j * parts // k
                    tx, ty = (trans[r, 2 * pair, pi, pj].item(), trans[r, 2 * pair + 1, pi, pj].item()) if trans is not None else (0, 0)
                    channel = (c * group + i * group // k) * group + j * group // k
                    plane = x[int(b), channel]
                    total, count, dx, dy = 0.0, 0, 0.0, 0.0
                    for m in range(spp):
                        for q in range(spp):
                            py = top + i * h / k + ty * gamma * h + m * h / k / spp
                            px = left + j * w / k + tx * gamma * w + q * w / k / spp
                            if px < -0.5 or px > W - 0.5 or py < -0.5 or py > H - 0.5:
                                continue
                            px, py = min(max(px, 0), W - 1), min(max(py, 0), H - 1)
                            ax, ay, zx, zy = math.floor(px), math.floor(py), math.ceil(px), math.ceil(py)
                            u, l = px - ax, py - ay
                            u00, u01, u10, u11 = (plane[v, t].item() for v, t in ((ay, ax), (ay, zx), (zy, ax), (zy, zx)))
                            total += (1 - l) * ((1 - u) * u00 + u * u01) + l * ((1 - u) * u10 + u * u11)
                            dx += (1 - l) * (u01 - u00) + l * (u11 - u10)
                            dy += (1 - u) * (u10 - u00) + u * (u11 - u01)
                            count += 1
                    y[r, c, i, j] = total / max(count, 1)
                    if slopes is not None:
                        factor = slopes[r, c, i, j].item() * gamma / max(count, 1)
                        by_trans[r, 2 * pair, pi, pj] += factor * w * dx
                        by_trans[r, 2 * pair + 1, pi, pj] += factor * h * dy
    return by_trans if slopes is not None else y


def deform_case(name, x, rois, bins, group, samples, classes=None, parts=None, scale=0.5, gamma=0.1):
    x = halves(*x)
    trans = None if classes is None else normal(len(rois), 2 * classes, parts or bins, parts or bins, digits=2)
    arguments = (bins, scale, group, samples, gamma)
    function = lambda x: deformable(x, rois, trans, *arguments)
    y = function(x)
    g = halves(*y.shape)
    slope = differences(function, x, g)
    attrs = {"bins": bins, "scale": scale, "group": group, "samples": samples, "gamma": gamma}
    inputs, grads = [x, rois], [slope, None]
    if trans is not None:
        by_trans = deformable(x, rois, trans, *arguments, slopes=g)
        check_trans(x, rois, trans, arguments, g, by_trans)
        inputs, grads = [*inputs, trans], [*grads, by_trans]
    return case(name, attrs, inputs, [y], [g], grads, 3e-5)


def check_trans(x, rois, trans, arguments, g, by_trans):
    """Differences agree with the formula, but where a sample crosses a whole coordinate or a border within the step."""
    step = 1e-6
    wrong = 0
    for i in range(trans.numel()):
        ends = []
        for sign in (1, -1):
            moved = trans.reshape(-1).clone()
            moved[i] += sign * step
            ends.append((deformable(x, rois, moved.reshape(trans.shape), *arguments) * g).sum().item())
        wrong += abs((ends[0] - ends[1]) / (2 * step) - by_trans.reshape(-1)[i].item()) > 1e-5
    if wrong > trans.numel() // 20:
        raise SystemExit(f"{wrong} of {trans.numel()} gradients by trans differ from differences")


if __name__ == "__main__":
    write(
        "deformPsRoiPool",
        [
            deform_case("one", (1, 1, 1, 1), ONE, 1, 1, 1, 1, scale=1),
            deform_case("two classes", (2, 8, 5, 6), REGIONS, 2, 2, 2, 2),
            deform_case("without offsets", (2, 8, 5, 6), REGIONS, 2, 2, 4),
            deform_case("plain features", (2, 2, 5, 6), REGIONS, 3, 1, 2, 1),
            deform_case("fewer parts than bins", (2, 9, 4, 5), regions(3, 2, 20, 16), 3, 3, 2, 1, 2, 0.25),
            deform_case("large offsets", (1, 8, 4, 5), regions(3, 1, 20, 16), 2, 2, 4, 1, 2, 0.25, gamma=0.75),
            deform_case("groups of bins", (1, 4, 5, 4), regions(2, 1, 16, 20), 4, 2, 2, 1, 4, 0.25),
        ],
        "plain loops, float64",
    )
