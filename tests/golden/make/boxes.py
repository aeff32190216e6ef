"""Oracles of nms (torchvision.ops.nms) and anchorMatch (plain loops, float64), with the cases of the reference sheet among them."""

import torch
import torchvision
from golden import case, exact, write

torch.manual_seed(43)


def lattice(B, N, extent=16, unit=0.5):
    """Boxes whose corners are multiples of a half: overlaps are quotients of small whole numbers, many of them equal."""
    ends = torch.randint(0, int(extent / unit), (B, N, 2, 2)).double() * unit
    return exact(torch.cat([ends.amin(2), ends.amax(2) + unit], 2))


def nms_case(name, boxes, scores, overlap, most, least=-1.0, classes=None):
    B, N = scores.shape
    order = torch.sort(-scores, stable=True, dim=-1).indices
    kept = torch.full((B, most), N)
    count = torch.zeros(B, dtype=torch.long)
    for b in range(B):
        # Of equal scores the lower index first: torchvision sorts again, so it gets ranks.
        ranks = torch.empty(N, dtype=torch.float64)
        ranks[order[b]] = -torch.arange(N).double()
        live = torch.nonzero(scores[b] > least)[:, 0]
        if classes is None:
            found = torchvision.ops.nms(boxes[b, live], ranks[live], overlap)
        else:
            found = torchvision.ops.boxes._batched_nms_vanilla(boxes[b, live], ranks[live], classes[b, live], overlap)
        found = live[found][:most]
        kept[b, : len(found)] = found
        count[b] = len(found)
    limits = [torch.tensor(overlap), torch.tensor(least)]
    inputs = [boxes, scores, (order, "u32"), *limits] + ([(classes, "u32")] if classes is not None else [])
    return case(name, {"most": most}, inputs, [(kept, "u32"), (count, "u32")])


SHEET = exact([[[0, 0, 10, 10], [1, 1, 11, 11], [0, 0, 10, 5], [20, 20, 30, 30], [20, 20, 30, 30], [0, 5, 10, 10]]])
SCORES = exact([[0.9, 0.8, 0.7, 0.6, 0.6, 0.95]])


def scores(B, N, levels):
    return exact(torch.randint(0, levels, (B, N)).double() / levels)


write(
    "nms",
    [
        nms_case("the sheet, .3", SHEET, SCORES, 0.3, 6),
        nms_case("the sheet, .5: an overlap of just that stays", SHEET, SCORES, 0.5, 6),
        nms_case("the sheet, .68", SHEET, SCORES, 0.68, 6),
        nms_case("one", SHEET[:, :1], SCORES[:, :1], 0.5, 3),
        nms_case("none above the score", SHEET, SCORES, 0.5, 2, 0.96),
        nms_case("equal scores", lattice(2, 31), scores(2, 31, 3), 0.25, 31, 0.1),
        nms_case("words and one more", lattice(3, 33), scores(3, 33, 97), 0.3, 20),
        nms_case("primes, fewer places than kept", lattice(2, 211, 40), scores(2, 211, 1009), 0.26, 17),
        nms_case("all kept in full", lattice(1, 401, 60), scores(1, 401, 1009), 0.13, 401, 0.25),
        nms_case("classes", lattice(2, 67, 8), scores(2, 67, 211), 0.2, 67, 0.05, torch.randint(0, 3, (2, 67))),
    ],
)


def iou(a, b):
    """a [A, 4], b [T, 4] → [A, T]"""
    return torchvision.ops.box_iou(a, b)


def match_case(name, boxes, truths, counts, positive=0.7, negative=0.3, floor=0.0, force=True, inside=None):
    B, T = truths.shape[:2]
    own = boxes.dim() == 3
    A = boxes.shape[-2]
    labels, matched, best = torch.full((B, A), -1.0), torch.zeros(B, A).long(), torch.zeros(B, A, dtype=torch.float64)
    for b in range(B):
        anchors = boxes[b] if own else boxes
        table = iou(anchors, truths[b, : counts[b]])
        part = torch.ones(A).bool()
        if inside:
            part = (anchors[:, :2] >= 0).all(1) & (anchors[:, 2] <= inside[0]) & (anchors[:, 3] <= inside[1])
        table = torch.where(part[:, None], table, -torch.ones_like(table))
        for a in range(A):
            row = table[a].tolist()
            top = max([0.0, *row])
            best[b, a] = top
            matched[b, a] = row.index(top) if top > 0 else 0
            forced = force and any(v > 0 and v == table[:, t].max() for t, v in enumerate(row))
            if part[a]:
                labels[b, a] = 1 if forced or top >= positive else 0 if floor <= top < negative else -1
    attrs = {"positive": positive, "negative": negative, "floor": floor, "force": force, "inside": inside}
    inputs = [boxes, truths, (torch.tensor(counts), "u32")]
    return case(name, attrs, inputs, [labels, (matched, "u32"), best], tolerance=1e-5)


ANCHORS = exact(
    [[0, 0, 8, 8], [8, 0, 16, 8], [4, 4, 20, 20], [12, 4, 28, 20], [-4, -4, 12, 12], [0, 8, 16, 24], [16, 16, 24, 24], [24, 16, 32, 24]]
)
TRUTHS = exact([[[5, 4, 19, 21], [17, 15, 25, 24]]])

write(
    "anchorMatch",
    [
        match_case("the sheet", ANCHORS, TRUTHS, [2], inside=[32, 24]),
        match_case("the sheet, anchors across the border too", ANCHORS, TRUTHS, [2]),
        match_case("one", ANCHORS[:1], TRUTHS[:, :1], [1]),
        match_case("no truth", ANCHORS, TRUTHS, [0]),
        match_case("truths that are not there", ANCHORS, TRUTHS.repeat(3, 1, 1), [1, 2, 0], inside=[32, 24]),
        match_case("primes", lattice(1, 211)[0], lattice(3, 5), [5, 3, 4], 0.53, 0.31),
        match_case("equal overlaps", lattice(1, 97, 4)[0], lattice(2, 3, 4), [3, 2], 0.9, 0.1),
        match_case("proposals", lattice(3, 67), lattice(3, 7), [7, 1, 3], 0.49, 0.49, 0.11, False),
    ],
    "plain loops, float64",
)


def centre_size(b):
    return (b[..., :2] + b[..., 2:]) / 2, b[..., 2:] - b[..., :2]


def encode_case(name, anchors, boxes, deviations):
    (ca, sa), (cb, sb) = centre_size(anchors), centre_size(boxes)
    code = torch.cat([(cb - ca) / sa / deviations[0], torch.log(sb / sa) / deviations[1]], -1)
    return case(name, {"deviations": deviations, "clip": None}, [anchors, boxes], [code], tolerance=1e-5)


def decode_case(name, anchors, code, deviations, clip=None):
    centre, size = centre_size(anchors)
    centre = centre + deviations[0] * code[..., :2] * size
    half = size * torch.exp((deviations[1] * code[..., 2:]).clamp(max=torch.log(torch.tensor(62.5).double()))) / 2
    boxes = torch.cat([centre - half, centre + half], -1)
    if clip:
        boxes = torch.minimum(boxes.clamp(min=0), torch.tensor([*clip, *clip]))
    side = (boxes[..., 2:] - boxes[..., :2]).amin(-1)
    return case(name, {"deviations": deviations, "clip": clip}, [anchors, code], [boxes, side], tolerance=1e-5)


PAIRS = exact([[10, 20, 49, 79], [0, 0, 10, 10], [0, 0, 4, 4]]), exact([[[12, 25, 55, 70], [10, 0, 20, 10], [1, 1, 3, 3]]])
PROBE = exact([0.1, -0.2, 0.3, -0.4]).expand(1, 3, 4)

write(
    "encodeBoxes",
    [
        encode_case("the sheet", *PAIRS, [1, 1]),
        encode_case("the head's deviations", *PAIRS, [0.1, 0.2]),
        encode_case("primes, anchors of their own", lattice(3, 31), lattice(3, 31), [1, 1]),
        encode_case("anchors for all", lattice(1, 67)[0], lattice(2, 67), [0.1, 0.2]),
    ],
)
write(
    "decodeBoxes",
    [
        decode_case("the sheet", PAIRS[0], PROBE, [1, 1]),
        decode_case("one, growing without end", PAIRS[0][:1], exact([[[0, 0, 90, 90]]]), [0.1, 0.2]),
        decode_case("cut to the picture", lattice(1, 31)[0], exact(torch.randn(2, 31, 4)), [1, 1], [16, 11]),
        decode_case("anchors of their own", lattice(3, 13), exact(torch.randn(3, 13, 4)), [0.1, 0.2]),
    ],
)
