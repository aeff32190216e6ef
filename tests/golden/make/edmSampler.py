"""Oracles of the sampler kernels (shaders/edmSampler.wgsl): a row's linear maps in float64, and Philox's noise."""

import math

import torch
from golden import case, exact, normal, write

torch.manual_seed(29)

COLUMNS = [
    *["input", "label", "skip", "out"],
    *["signal", "noise", "guidance", "step"],
    *["state", "network", "saved", "fresh"],
    *["savedState", "savedNetwork", "savedSaved", "record"],
]
MASK = 0xFFFFFFFF
FRESH, START, KNOWN = "sampler noise", "sampler start", "sampler in-painting"
# Drivers differ by so much in the logarithm and the cosine of Box-Muller.
DRAWN = 1e-3
GIVEN = 1e-5


def stream_of(name):
    """FNV-1a, 32 bits."""
    h = 0x811C9DC5
    for c in name.encode():
        h = ((h ^ c) * 0x01000193) & MASK
    return h


def philox(counter, key):
    a, b, c, d = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (p1 >> 32) ^ b ^ k0, p1 & MASK, (p0 >> 32) ^ d ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return a, b, c, d


def drawn(count, seed, stream, step):
    """Standard normals as the device draws them."""
    out = []
    for block in range(-(-count // 4)):
        u = [(word >> 8) * 2.0**-24 for word in philox((step, block, 0, 0), (seed, stream_of(stream)))]
        for i in (0, 2):
            radius, angle = math.sqrt(-2 * math.log(u[i] + 2.0**-24)), 2 * math.pi * u[i + 1]
            out += [radius * math.cos(angle), radius * math.sin(angle)]
    return torch.tensor(out[:count], dtype=torch.float64)


def table(*rows):
    return exact([[row.get(name, 0.0) for name in COLUMNS] for row in rows])


def u32(value):
    return (torch.tensor(value), "u32")


def attrs(guided=False, given=False):
    return {"guided": guided, "noiseGiven": given}


def some_row(**change):
    names = ["input", "label", "skip", "out", "signal", "noise", "state", "network", "saved", "fresh"]
    names += ["savedState", "savedNetwork", "savedSaved"]
    return {**{name: round(0.3 + 0.17 * i, 3) for i, name in enumerate(names)}, "guidance": 1.0, **change}


def prepare_case(name, shape, guided=False):
    state, copies = normal(*shape), 2 if guided else 1
    row = some_row(input=0.625, label=-1.25, signal=0.75, noise=2.5)
    outputs = [
        torch.cat([0.625 * state] * copies),
        torch.full((copies * shape[0],), -1.25),
        torch.tensor([[0.75, 2.5]] * copies * shape[0]),
    ]
    return case(name, attrs(guided), [state, table({}, row), u32(1)], outputs, tolerance=GIVEN)


def update_case(name, shape, guided=False, given=False, record=0.0, fresh=0.5):
    x, saved = normal(*shape), normal(*shape)
    history = torch.zeros(3, *shape, dtype=torch.float64)
    f = normal(*(shape[0] * (2 if guided else 1), *shape[1:]))
    noise = normal(3, *shape)
    row = some_row(guidance=2.5, step=2.0, fresh=fresh, record=record)
    r = {name: exact(row.get(name, 0.0)).item() for name in COLUMNS}
    whole = f if not guided else f[shape[0] :] + r["guidance"] * (f[: shape[0]] - f[shape[0] :])
    z = noise[2] if given else drawn(x.numel(), 7, FRESH, 2).reshape(shape)
    plain = r["state"] * x + r["network"] * whole + r["saved"] * saved
    after = plain + r["fresh"] * z
    kept = r["savedState"] * x + r["savedNetwork"] * whole + r["savedSaved"] * saved
    told = history.clone()
    if record > 0:
        told[2] = {1: after, 2: plain, 3: r["skip"] * x + r["out"] * whole}[int(record)]
    inputs = [x, saved, history, f, table({}, row), u32(1), u32(7), noise if given else torch.zeros(1)]
    tolerance = GIVEN if given or fresh == 0 else DRAWN
    return case(name, attrs(guided, given), inputs, [after, kept, told], tolerance=tolerance)


def start_case(name, shape, of_data=False):
    x, saved, given = normal(*shape), normal(*shape), normal(*shape)
    row = {"state": 0.5 if of_data else 3.0, "network": 1.5 if of_data else 0.0, "record": 1.0}
    begun = row["state"] * given + row["network"] * drawn(x.numel(), 7, START, 0).reshape(shape)
    history = torch.cat([begun[None], torch.zeros(1, *shape)])
    inputs = [x, saved, torch.zeros(2, *shape), u32(9), given, table(row, {}), u32(7), torch.zeros(1)]
    outputs = [begun, torch.zeros(shape), history, u32(1)]
    return case(name, attrs(), inputs, outputs, tolerance=DRAWN if of_data else GIVEN)


def inpaint_case(name, shape):
    x, known = normal(*shape), normal(*shape)
    mask = exact((torch.rand(shape) < 0.5).double())
    row = some_row(signal=0.5, noise=0.25)
    noised = 0.5 * known + 0.25 * drawn(x.numel(), 7, KNOWN, 2).reshape(shape)
    inputs = [x, known, mask, table({}, {}, row), u32(1), u32(7)]
    return case(name, attrs(), inputs, [mask * x + (1 - mask) * noised], tolerance=DRAWN)


write(
    "samplerPrepare",
    [
        prepare_case("one number", (1, 1)),
        prepare_case("points", (67, 2)),
        prepare_case("images, with guidance", (3, 1, 5, 5), guided=True),
    ],
)
write(
    "samplerUpdate",
    [
        update_case("one number, noise drawn", (1, 1)),
        update_case("points without fresh noise, the estimate recorded", (5, 2), record=3.0, fresh=0.0),
        update_case("noise given, recorded", (7, 2), given=True, record=1.0),
        update_case("noise given, recorded before it", (7, 2), given=True, record=2.0),
        update_case("images with guidance, noise drawn", (3, 1, 5, 7), guided=True),
    ],
)
write(
    "samplerStart",
    [start_case("given noise", (1, 3)), start_case("given data under drawn noise", (31, 2), of_data=True)],
)
write("samplerInpaint", [inpaint_case("points", (1, 3)), inpaint_case("images", (3, 1, 5, 5))])
write("samplerAdvance", [case("from 41", {}, [u32(41)], [u32(42)])])
