"""Oracles of cross-entropy (src/engine/ops/softmaxCrossEntropy.ts): torch.nn.functional.cross_entropy in float64."""

import torch
from golden import case, exact, normal, write

torch.manual_seed(4)

NO_CLASS = 4294967295


def cross_entropy_case(name, rows, classes, smoothing=0.0, ignore=None, scale=1.0, no_class=(), data=None):
    z = exact(data) if data is not None else normal(rows, classes, scale=scale)
    z = z.requires_grad_()
    labels = torch.randint(classes, (rows,))
    if ignore is not None:
        labels[::3] = ignore
    oracle = labels.clone()
    for row in no_class:
        labels[row] = NO_CLASS
        oracle[row] = -1
    if ignore is not None:
        oracle[oracle == ignore] = -1
    loss = torch.nn.functional.cross_entropy(z, oracle, reduction="none", label_smoothing=smoothing, ignore_index=-1)
    cotangent = normal(rows)
    (loss * cotangent).sum().backward()
    attrs = {"labelSmoothing": smoothing}
    if ignore is not None:
        attrs["ignoreIndex"] = ignore
    inputs = [z, (labels, "u32")]
    largest = z.max(-1).values
    saved = torch.stack([largest, (z - largest[:, None]).exp().sum(-1).log()], -1)
    return case(name, attrs, inputs, [loss, saved], [cotangent, None], [z.grad, None])


FAR = [[1e4, -1e4, 0.0, 9999.0], [3e38, -3e38, 0.0, 1.0], [-3e38, -3e38, -3e38, -3e38]]

write(
    "softmaxCrossEntropy",
    [
        cross_entropy_case("one class", 1, 1),
        cross_entropy_case("two classes", 17, 2),
        cross_entropy_case("ten classes", 53, 10, scale=3.0),
        cross_entropy_case("eight classes, smoothed", 13, 8, smoothing=0.1),
        cross_entropy_case("seven classes, smoothed", 11, 7, smoothing=0.3),
        cross_entropy_case("class 2 ignored", 19, 5, ignore=2),
        cross_entropy_case("class 0 ignored, smoothed", 19, 12, ignore=0, smoothing=0.2),
        cross_entropy_case("labels that are no class", 9, 6, no_class=(0, 4, 8)),
        cross_entropy_case("1,009 classes", 3, 1009, scale=4.0),
        cross_entropy_case("1,024 classes", 2, 1024, scale=4.0, smoothing=0.1),
        cross_entropy_case("far apart", 3, 4, data=FAR),
    ],
)
