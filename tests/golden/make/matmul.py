"""Oracles of matmul and linear: PyTorch in float64. Sizes of 1, primes, whole tiles and ragged ones; every transpose; shared operands."""

import torch
from golden import case, normal, write

torch.manual_seed(11)


def matmul_case(name, M, N, K, ta=False, tb=False, batchA=(), batchB=()):
    a = normal(*batchA, *((K, M) if ta else (M, K)), digits=2).requires_grad_()
    b = normal(*batchB, *((N, K) if tb else (K, N)), digits=2).requires_grad_()
    y = (a.transpose(-1, -2) if ta else a) @ (b.transpose(-1, -2) if tb else b)
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, {"transposeA": ta, "transposeB": tb}, [a, b], [y], [cotangent], [a.grad, b.grad])


FORMS = [(ta, tb) for ta in (False, True) for tb in (False, True)]
named = lambda ta, tb: ("t" if ta else "n") + ("t" if tb else "n")
write(
    "matmul",
    [matmul_case(f"one {named(*f)}", 1, 1, 1, *f) for f in FORMS[:2]]
    + [matmul_case(f"primes {named(*f)}", 7, 5, 13, *f) for f in FORMS]
    + [matmul_case(f"ragged multiples of four {named(*f)}", 12, 8, 4, *f) for f in FORMS]
    + [matmul_case(f"batches {named(*f)}", 5, 4, 6, *f, batchA=(3,), batchB=(3,)) for f in FORMS]
    + [
        matmul_case("one right-hand side for all", 5, 8, 4, batchA=(2, 3)),
        matmul_case("one left-hand side for all", 4, 8, 12, batchB=(3,)),
        matmul_case("a row", 1, 36, 24),
        matmul_case("a column", 33, 1, 17),
        matmul_case("larger than a tile", 36, 40, 4),
        matmul_case("tall reduction", 4, 4, 520, ta=True),
    ],
)


def linear_case(name, shape, out):
    """The op names its bias without adding it: the bias joins in the epilogue, its gradient comes with that of the weight."""
    x = normal(*shape, digits=2).requires_grad_()
    w = normal(shape[-1], out, digits=2).requires_grad_()
    b = normal(out, digits=2).requires_grad_()
    y = x @ w
    cotangent = normal(*y.shape, digits=2)
    ((y + b) * cotangent).sum().backward()
    return case(name, {}, [x, w, b], [y], [cotangent], [x.grad, w.grad, b.grad])


write(
    "linear",
    [
        linear_case("one", (1, 1), 1),
        linear_case("primes", (7, 13), 5),
        linear_case("tokens", (3, 5, 24), 12),
        linear_case("ragged multiples of four", (11, 20), 12),
        linear_case("many rows", (260, 4), 4),
    ],
)
