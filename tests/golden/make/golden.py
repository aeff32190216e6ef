"""Writing golden files: inputs exact in float32, oracles computed in float64 from them."""

import json
import pathlib

import numpy
import torch

FOLDER = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 200_000


def exact(values):
    """A float64 tensor of numbers that float32 holds exactly."""
    return torch.as_tensor(values, dtype=torch.float64).float().double()


def normal(*shape, scale=1.0, shift=0.0, digits=3):
    """Normal numbers of few decimal digits, so that the files stay small."""
    return exact((torch.randn(shape, dtype=torch.float64) * scale + shift).round(decimals=digits))


def tensor(values, dtype="f32"):
    """One tensor of a case; None stays None."""
    if values is None:
        return None
    values = values.detach() if isinstance(values, torch.Tensor) else torch.as_tensor(values)
    flat = values.reshape(-1)
    if dtype == "f32":
        data = [0 if v == 0 else json.loads(str(numpy.float32(v))) for v in flat.tolist()]
    else:
        data = [int(v) for v in flat.tolist()]
    named = {} if dtype == "f32" else {"dtype": dtype}
    return {"shape": list(values.shape), **named, "data": data}


def case(name, attrs, inputs, outputs, cotangents=None, grads=None, tolerance=1e-4):
    """A case from tensors or from (values, dtype) pairs; a None among outputs, cotangents or grads is not compared or given."""

    def many(items):
        return [tensor(*item) if isinstance(item, tuple) else tensor(item) for item in items]

    made = {"name": name, "attrs": attrs, "tolerance": tolerance, "inputs": many(inputs), "outputs": many(outputs)}
    if cotangents is not None:
        made.update(cotangents=many(cotangents), grads=many(grads))
    return made


def write(op, cases, source=None):
    """Writes tests/golden/<op>.json, a case a line. Fails when the file would be over 200 KB."""
    head = {"op": op, "source": source or f"torch {torch.__version__}, float64"}
    lines = ",\n".join("    " + json.dumps(c, separators=(",", ":")) for c in cases)
    text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
    if len(text) > LIMIT:
        raise SystemExit(f"{op}.json: {len(text)} bytes are over {LIMIT}; make the cases smaller")
    (FOLDER / f"{op}.json").write_text(text)
    print(f"{op}.json: {len(cases)} cases, {len(text)} bytes")
