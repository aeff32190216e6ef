"""Oracles of the pointwise ops: one file an op, each plain, of vec4 size, and broadcast."""

import torch
import torch.nn.functional as F
from golden import case, normal, write

torch.manual_seed(15)

SHAPES = [("odd", (3, 7)), ("width of 4k", (2, 5, 8)), ("one", ())]
PAIRS = [("odd", (3, 7), (3, 7)), ("a row for all", (5, 4), (4,)), ("both broadcast", (3, 1, 2), (5, 1)), ("a scalar", (2, 6), ())]


def checked(name, attrs, inputs, apply, differentiable=True, tolerance=1e-4):
    inputs = [x.clone().requires_grad_(differentiable) for x in inputs]
    y = apply(*inputs).double()
    if not differentiable:
        return case(name, attrs, inputs, [y], tolerance=tolerance)
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    return case(name, attrs, inputs, [y], [cotangent], [x.grad for x in inputs], tolerance)


def unary(op, apply, positive=False, differentiable=True, tolerance=1e-4):
    def numbers(shape):
        x = normal(*shape, scale=1.5)
        return x.abs() + 0.25 if positive else x.clamp(-3, 3)

    write(op, [checked(name, {}, [numbers(shape)], apply, differentiable, tolerance) for name, shape in SHAPES])


def binary(op, apply, positive=(), differentiable=True):
    def numbers(shape, side):
        x = normal(*shape, scale=1.5)
        return x.abs() + 0.5 if side in positive else x

    write(op, [checked(n, {}, [numbers(a, 0), numbers(b, 1)], apply, differentiable) for n, a, b in PAIRS])


unary("exp", torch.exp)
unary("log", torch.log, positive=True)
unary("sqrt", torch.sqrt, positive=True)
unary("square", torch.square)
unary("abs", torch.abs)
unary("sign", torch.sign, differentiable=False)
unary("floor", torch.floor, differentiable=False)
# WGSL promises sines within 2⁻¹¹ between −π and π, no more.
unary("sin", torch.sin, tolerance=1e-3)
unary("cos", torch.cos, tolerance=1e-3)
unary("tanh", torch.tanh)
unary("sigmoid", torch.sigmoid)
unary("relu", F.relu)
unary("gelu", F.gelu)
binary("add", torch.add)
binary("sub", torch.sub)
binary("mul", torch.mul)
binary("div", torch.div, positive=(1,))
binary("pow", torch.pow, positive=(0,))
binary("maximum", torch.maximum)
binary("minimum", torch.minimum)
binary("greater", torch.gt, differentiable=False)
binary("less", torch.lt, differentiable=False)
binary("equal", torch.eq, differentiable=False)


def shaped(op, attrs, apply, shapes=SHAPES):
    write(op, [checked(name, attrs, [normal(*shape)], apply) for name, shape in shapes])


shaped("affine", {"scale": -1.5, "shift": 0.25}, lambda x: x * -1.5 + 0.25)
shaped("clamp", {"low": -0.75, "high": 1}, lambda x: x.clamp(-0.75, 1))
shaped("broadcast", {"shape": [4, 3, 5]}, lambda x: x.expand(4, 3, 5), [("a row", (5,)), ("a column", (3, 1)), ("a scalar", ())])

WHERE = [("odd", (3, 7), (3, 7), (3, 7)), ("a column chooses", (3, 1), (3, 4), (4,)), ("a scalar beside", (2, 5), (2, 5), ())]


def where_case(name, condition, a, b):
    chosen = (torch.rand(condition) > 0.5).double()
    x, y = normal(*a).requires_grad_(), normal(*b).requires_grad_()
    out = torch.where(chosen != 0, x, y)
    cotangent = normal(*out.shape, digits=2)
    (out * cotangent).sum().backward()
    return case(name, {}, [chosen, x, y], [out], [cotangent], [None, x.grad, y.grad])


write("where", [where_case(*shapes) for shapes in WHERE])

unary("silu", F.silu)
