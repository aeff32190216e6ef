"""Oracles of gatherRows, unshuffle, argsort and topK: PyTorch's indexing and sorting in float64."""

import torch
from golden import case, exact, normal, write

torch.manual_seed(13)


def gather_case(name, source_shape, index_shape, duplicates=False):
    source = normal(*source_shape, digits=2).requires_grad_()
    rows = source_shape[-2]
    indices = torch.randint(0, 2 if duplicates else rows, index_shape)
    y = source[indices] if len(source_shape) == 2 else source[torch.arange(source_shape[0])[:, None], indices]
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, {}, [(source, "f32"), (indices, "u32")], [y], [cotangent], [source.grad, None])


write(
    "gatherRows",
    [
        gather_case("one", (1, 1, 1), (1, 1)),
        gather_case("primes", (3, 7, 5), (3, 11)),
        gather_case("the same rows many times", (2, 5, 4), (2, 17), duplicates=True),
        gather_case("a table", (13, 6), (3, 4)),
        gather_case("a table, few rows many times", (9, 8), (131,), duplicates=True),
    ],
)


def unshuffle_case(name, B, K, L, D):
    rows = normal(B, K, D, digits=2).requires_grad_()
    token = normal(D, digits=2).requires_grad_()
    restore = torch.stack([torch.randperm(L) for _ in range(B)])
    full = torch.cat([rows, token.expand(B, L - K, D)], 1)
    y = full[torch.arange(B)[:, None], restore]
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, {}, [rows, token, (restore, "u32")], [y], [cotangent], [rows.grad, token.grad, None])


write(
    "unshuffle",
    [
        unshuffle_case("one kept", 1, 1, 2, 1),
        unshuffle_case("primes", 3, 4, 11, 5),
        unshuffle_case("width of 4k", 2, 7, 16, 12),
        unshuffle_case("all kept", 2, 6, 6, 4),
    ],
)


def sort_case(name, keys, descending=False):
    order = torch.sort(keys, stable=True, dim=-1, descending=descending).indices
    return case(name, {"descending": descending}, [keys], [(order, "u32"), (torch.argsort(order, -1), "u32")])


write(
    "argsort",
    [
        sort_case("one", normal(1, 1)),
        sort_case("primes", normal(5, 13)),
        sort_case("downwards", normal(5, 13), True),
        sort_case("many equal keys", torch.randint(0, 3, (4, 37)).double()),
        sort_case("many equal keys, downwards", torch.randint(0, 3, (4, 37)).double(), True),
        sort_case("a long row", normal(1, 307)),
        sort_case("signs and zeros", exact([[0.0, -1, 1, 0, -3e38, 3e38, 0]])),
    ],
)


def top_case(name, shape, k):
    # Distinct keys: PyTorch promises no order among equal ones.
    keys = torch.stack([torch.randperm(shape[-1]) for _ in range(shape[0])]).double() / 8 - 3
    values, indices = keys.topk(k)
    return case(name, {"k": k}, [keys], [values, (indices, "u32")])


write("topK", [top_case("one", (1, 1), 1), top_case("five of 23", (7, 23), 5), top_case("all", (2, 9), 9), top_case("many rows", (67, 5), 2)])
