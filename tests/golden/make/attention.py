"""Oracles of attention and attentionMap: softmax(scale·q·kᵀ)·v in float64, causal or not, with and without padded keys."""

import math

import torch
from golden import case, normal, write

torch.manual_seed(12)


def parts(name, B, N, H, d, causal, masked):
    qkv = normal(B, N, 3 * H * d, digits=2).requires_grad_()
    scale = 1 / math.sqrt(d)
    attrs = {"heads": H, "causal": causal, "scale": scale}
    keys = (torch.rand(B, N) > 0.3).double()
    keys[:, 0] = 1
    q, k, v = qkv.reshape(B, N, 3, H, d).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-1, -2) * scale
    if causal:
        scores = scores.masked_fill(torch.ones(N, N).triu(1).bool(), -math.inf)
    if masked:
        scores = scores.masked_fill(keys[:, None, None, :] == 0, -math.inf)
    weights = scores.softmax(-1)
    out = (weights @ v).transpose(1, 2).reshape(B, N, H * d)
    return qkv, keys, attrs, weights, out


def attention_case(name, B, N, H, d, causal=False, masked=False):
    qkv, keys, attrs, _, out = parts(name, B, N, H, d, causal, masked)
    cotangent = normal(*out.shape, digits=2)
    (out * cotangent).sum().backward()
    inputs, grads = ([qkv, keys], [qkv.grad, None]) if masked else ([qkv], [qkv.grad])
    return case(name, attrs, inputs, [out, None], [cotangent, None], grads)


def map_case(name, B, N, H, d, causal=False, masked=False):
    qkv, keys, attrs, weights, _ = parts(name, B, N, H, d, causal, masked)
    return case(name, attrs, [qkv, keys] if masked else [qkv], [weights])


SHAPES = [
    ("one token", 1, 1, 1, 4),
    ("primes", 2, 7, 2, 8),
    ("more tokens than a block", 1, 37, 1, 4),
    ("wide head", 1, 3, 1, 64),
    ("widest head", 1, 2, 1, 128),
]
write(
    "attention",
    [attention_case(*s) for s in SHAPES]
    + [attention_case(f"{s[0]}, causal", *s[1:], causal=True) for s in SHAPES[1:3]]
    + [attention_case(f"{s[0]}, padded keys", *s[1:], masked=True) for s in SHAPES[1:3]]
    + [attention_case("causal, padded keys", 2, 6, 2, 12, causal=True, masked=True)],
)
write(
    "attentionMap",
    [map_case(*SHAPES[0]), map_case(*SHAPES[1]), map_case("causal", 1, 9, 2, 8, causal=True), map_case("padded keys", 2, 11, 2, 4, masked=True)],
)
