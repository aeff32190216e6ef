"""Oracle of a transformer block: output, every gradient, and ten AdamW updates towards a target, in float64."""

import json

import torch
from golden import FOLDER
from transformer import Parameters, block, digits, filled, ten_updates

CASES = [
    dict(name="plain", batch=3, tokens=13, width=24, heads=3, causal=False, padded=False),
    dict(name="causal", batch=2, tokens=7, width=20, heads=2, causal=True, padded=False),
    dict(name="padded", batch=2, tokens=11, width=16, heads=4, causal=False, padded=True),
]
OPTIMISER = dict(learningRate=4e-3, weightDecay=0.1, warmup=3, total=20, clip=0.5)


def run(case):
    shape = (case["batch"], case["tokens"], case["width"])
    p = Parameters()
    x = ((filled(1, shape) - 0.5) * 3).float().double().requires_grad_()
    target = ((filled(2, shape) - 0.5) * 3).float().double()
    # The first token of each image is always a real one.
    key_mask = (filled(3, shape[:2]) < 0.7).double() if case["padded"] else None
    if key_mask is not None:
        key_mask[:, 0] = 1

    def forward():
        return block(p, "block", x, case["heads"], case["causal"], key_mask)

    def loss_of():
        return ((forward() - target) ** 2).mean()

    y = forward()
    loss_of().backward()
    gradients = {name: digits(q.grad) for name, q in p.all.items()}
    input_gradient = digits(x.grad)
    losses = ten_updates(p, loss_of, OPTIMISER)
    updated = {name: digits(q) for name, q in p.all.items()}
    return dict(case=case, optimiser=OPTIMISER, output=digits(y), inputGradient=input_gradient, losses=losses,
                gradients=gradients, updated=updated)


for case in CASES:
    path = FOLDER / "block" / f"{case['name']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(run(case), separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)
