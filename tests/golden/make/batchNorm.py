"""Oracles of batch and group normalisation (src/engine/ops/batchNorm.ts): torch.nn.functional in float64."""

import torch
import torch.nn.functional as F
from golden import case, exact, normal, write

torch.manual_seed(41)


def statistics_of(x, axis, eps):
    others = [a for a in range(x.dim()) if a != axis]
    mean = x.mean(others)
    variance = x.var(others, unbiased=False)
    return mean, variance, (variance + eps).rsqrt()


def statistics_case(name, shape, axis=1, eps=1e-5, scale=1.0, shift=0.0, digits=3):
    x = normal(*shape, scale=scale, shift=shift, digits=digits)
    return case(name, {"axis": axis, "eps": eps}, [x], list(statistics_of(x, axis, eps)))


write(
    "channelStatistics",
    [
        statistics_case("one", (1, 1, 1, 1), eps=1e-2),
        statistics_case("pictures of primes", (3, 5, 7, 11)),
        statistics_case("planes that divide by four", (2, 3, 4, 6)),
        statistics_case("volumes", (2, 3, 2, 3, 5)),
        statistics_case("rows of points", (67, 5), axis=1),
        statistics_case("batches of points, channels last", (3, 29, 4), axis=2),
        statistics_case("many elements a channel", (9, 2, 13, 20)),
        statistics_case("mean 1000, deviation 0.1", (5, 2, 8, 13), scale=0.1, shift=1000.0, digits=6),
        statistics_case("tiny deviation", (2, 4, 4, 4), scale=1e-3, digits=7),
    ],
)


def channels_first(x, axis):
    return x.movedim(axis, 1)


def batch_norm_case(name, shape, axis=1, eps=1e-5, scale=1.0, shift=0.0):
    channels = shape[axis]
    x = normal(*shape, scale=scale, shift=shift, digits=2).requires_grad_()
    gain = normal(channels, shift=1.0).requires_grad_()
    bias = normal(channels).requires_grad_()
    y = F.batch_norm(channels_first(x, axis), None, None, gain, bias, True, 0.1, eps).movedim(1, axis)
    cotangent = normal(*shape, digits=2)
    (y * cotangent).sum().backward()
    along = [channels] + [1] * (len(shape) - axis - 1)
    mean, _, rstd = statistics_of(x.detach(), axis, eps)
    # As float32 the statistics are rounded: the output is that of the exact ones all the same.
    vectors = [exact(mean), exact(rstd), gain, bias]
    grads = [x.grad, None, None, gain.grad.reshape(along), bias.grad.reshape(along)]
    return case(name, {"axis": axis}, [x, *[v.reshape(along) for v in vectors]], [y], [cotangent], grads)


write(
    "batchNorm",
    [
        batch_norm_case("pictures of primes", (3, 5, 7, 3)),
        batch_norm_case("planes that divide by four", (2, 3, 4, 6)),
        batch_norm_case("volumes", (2, 3, 2, 3, 5)),
        batch_norm_case("rows of points", (37, 5)),
        batch_norm_case("batches of points, channels last", (3, 11, 4), axis=2),
        batch_norm_case("many elements a channel", (9, 2, 5, 20)),
        batch_norm_case("mean 30", (5, 2, 8, 5), shift=30.0),
        batch_norm_case("large eps", (2, 3, 3, 3), eps=1.0),
    ],
)


def group_norm_case(name, batch, groups, share, inner, eps=1e-5):
    """As the op sees it: [B, G, C/G, P], statistics [B, G, 1, 1], scale and shift [G, C/G, 1]."""
    x = normal(batch, groups, share, inner, digits=2).requires_grad_()
    gain = normal(groups, share, 1, shift=1.0).requires_grad_()
    bias = normal(groups, share, 1).requires_grad_()
    y = F.group_norm(x.reshape(batch, groups * share, inner), groups, gain.flatten(), bias.flatten(), eps)
    y = y.reshape(x.shape)
    cotangent = normal(*x.shape, digits=2)
    (y * cotangent).sum().backward()
    rows = x.detach().reshape(batch, groups, share * inner)
    mean = rows.mean(-1).reshape(batch, groups, 1, 1)
    rstd = (rows.var(-1, unbiased=False) + eps).rsqrt().reshape(batch, groups, 1, 1)
    return case(
        name, {}, [x, exact(mean), exact(rstd), gain, bias], [y], [cotangent], [x.grad, None, None, gain.grad, bias.grad]
    )


write(
    "groupNorm",
    [
        group_norm_case("one group", 2, 1, 5, 7),
        group_norm_case("groups of one channel", 3, 5, 1, 6),
        group_norm_case("primes", 3, 2, 3, 11),
        group_norm_case("multiples of four", 2, 4, 4, 16),
        group_norm_case("large eps", 2, 2, 2, 9, eps=1.0),
    ],
)


def running_case(name, channels, count, momentum):
    running = [normal(channels), normal(channels).abs()]
    x = normal(count, channels)
    norm = torch.nn.BatchNorm1d(channels, momentum=momentum).double()
    norm.running_mean, norm.running_var = running[0].clone(), running[1].clone()
    norm.train()(x)
    batch = [exact(x.mean(0)), exact(x.var(0, unbiased=False))]
    return case(name, {"momentum": momentum, "count": count}, [*running, *batch], [norm.running_mean, norm.running_var])


write(
    "runningStatistics",
    [running_case("one channel", 1, 7, 0.1), running_case("primes", 67, 2, 0.1), running_case("all new", 8, 33, 1.0)],
)


def whole_group_norm_case(name, batch, groups, share, inner, eps=1e-5, shift=0.0):
    """As the op in one dispatch sees it: x [B, G, C/G, P], scale and shift [G, C/G, 1] → y, and mean and rstd [B, G, 1, 1]."""
    x = normal(batch, groups, share, inner, shift=shift, digits=2).requires_grad_()
    gain = normal(groups, share, 1, shift=1.0).requires_grad_()
    bias = normal(groups, share, 1).requires_grad_()
    y = F.group_norm(x.reshape(batch, groups * share, inner), groups, gain.flatten(), bias.flatten(), eps)
    y = y.reshape(x.shape)
    cotangent = normal(*x.shape, digits=2)
    (y * cotangent).sum().backward()
    rows = x.detach().reshape(batch, groups, share * inner)
    mean = rows.mean(-1).reshape(batch, groups, 1, 1)
    rstd = (rows.var(-1, unbiased=False) + eps).rsqrt().reshape(batch, groups, 1, 1)
    return case(
        name, {"eps": eps}, [x, gain, bias], [y, mean, rstd], [cotangent, None, None], [x.grad, gain.grad, bias.grad]
    )


write(
    "groupNormWhole",
    [
        whole_group_norm_case("two elements", 1, 1, 1, 2, eps=1e-2),
        whole_group_norm_case("one group", 2, 1, 5, 7),
        whole_group_norm_case("groups of one channel", 3, 5, 1, 6),
        whole_group_norm_case("primes", 3, 2, 3, 11),
        whole_group_norm_case("multiples of four", 2, 3, 4, 16),
        whole_group_norm_case("many elements a group", 2, 1, 5, 220),
        whole_group_norm_case("many groups", 7, 11, 2, 4),
        whole_group_norm_case("mean 30", 2, 2, 3, 8, shift=30.0),
        whole_group_norm_case("large eps", 2, 2, 2, 9, eps=1.0),
    ],
)
