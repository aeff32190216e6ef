"""Oracles of the point-cloud ops: plain loops in float64, with the eight points of the reference sheet among the cases."""

import torch
from golden import case, exact, normal, write

torch.manual_seed(29)
LOOPS = "plain loops, float64"

SHEET = exact(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0.5, 0.5, 1], [0.5, 0, 0], [0.2, 0.1, 0.9], [0.9, 0.8, 0.3]]
)
SHEET_CENTRES = [0, 3, 4, 1]


def lattice(*shape, steps=9):
    """Coordinates on a grid of eighths: many equal distances, all exact in float32."""
    return torch.randint(0, steps, shape).double() / 8 - 0.5


def squared(a, b):
    return ((a - b) ** 2).sum(-1)


def farthest(points, count, start):
    chosen = []
    for cloud in points:
        nearest = torch.full((len(cloud),), torch.inf, dtype=torch.float64)
        picks = [start]
        while len(picks) < count:
            nearest = torch.minimum(nearest, squared(cloud, cloud[picks[-1]]))
            picks.append(int(torch.nonzero(nearest == nearest.max())[0]))
        chosen.append(picks)
    return torch.tensor(chosen)


def farthest_case(name, points, count, start=0):
    indices = farthest(points, count, start)
    return case(name, {"count": count, "start": start}, [points], [(indices, "u32")])


write(
    "farthestPoints",
    [
        farthest_case("the sheet", SHEET[None], 4),
        farthest_case("the sheet, all of them, from another start", SHEET[None], 8, 5),
        farthest_case("one point", normal(1, 1, 3), 1),
        farthest_case("primes", normal(3, 31, 3), 13, 7),
        farthest_case("many equal distances", lattice(2, 67, 3), 23),
        farthest_case("points that repeat", lattice(2, 19, 3, steps=2), 17, 3),
        farthest_case("a longer one", normal(1, 401, 3, digits=2), 50),
    ],
    LOOPS,
)


def nearest(queries, points, k, skip_self):
    found, distances = [], []
    for q, p in zip(queries, points):
        d = squared(q[:, None], p[None])
        if skip_self:
            d.fill_diagonal_(torch.inf)
        order = torch.sort(d, stable=True, dim=-1).indices[:, :k]
        found.append(order)
        distances.append(d.gather(1, order))
    return torch.stack(found), torch.stack(distances)


def nearest_case(name, queries, points, k, skip_self=False):
    indices, distances = nearest(queries, points, k, skip_self)
    return case(name, {"k": k, "skipSelf": skip_self}, [queries, points], [(indices, "u32"), distances])


clouds = normal(3, 37, 3)
features = normal(2, 29, 11)
write(
    "nearestNeighbours",
    [
        nearest_case("the sheet", SHEET[None], SHEET[None], 3),
        nearest_case("one", normal(1, 1, 3), normal(1, 1, 3), 1),
        nearest_case("one axis", normal(2, 5, 1), normal(2, 7, 1), 2),
        nearest_case("primes, queries elsewhere", normal(3, 17, 3), clouds, 5),
        nearest_case("without itself", clouds, clouds, 7, True),
        nearest_case("all of them", normal(2, 3, 3), normal(2, 13, 3), 13),
        nearest_case("features", features, features, 20),
        nearest_case("many equal distances", lattice(2, 41, 2), lattice(2, 53, 2), 20),
        nearest_case("equal points without themselves", lattice(1, 43, 3, steps=2), lattice(1, 43, 3, steps=2), 9, True),
    ],
    LOOPS,
)


def balls(centres, points, radius, members, closed):
    rows, counts = [], []
    for c, p in zip(centres, points):
        for d in squared(c[:, None], p[None]):
            inside = torch.nonzero(d <= radius**2 if closed else d < radius**2)[:, 0][:members].tolist()
            first = inside[0] if inside else int(torch.nonzero(d == d.min())[0])
            rows.append(inside + [first] * (members - len(inside)))
            counts.append(len(inside))
    shape = centres.shape[:2]
    return torch.tensor(rows).reshape(*shape, members), torch.tensor(counts).reshape(shape)


def ball_case(name, centres, points, radius, members, closed=False):
    found = balls(centres, points, radius, members, closed)
    attrs = {"radius": radius, "members": members, "closed": closed}
    return case(name, attrs, [centres, points], [(found[0], "u32"), (found[1], "u32")])


write(
    "ballQuery",
    [
        ball_case("the sheet, open", SHEET[SHEET_CENTRES][None], SHEET[None], 0.5, 3),
        ball_case("the sheet, closed", SHEET[SHEET_CENTRES][None], SHEET[None], 0.5, 3, True),
        ball_case("one point", normal(1, 1, 3), normal(1, 1, 3), 0.5, 1),
        ball_case("primes", normal(3, 7, 3), normal(3, 41, 3), 1.1, 5),
        ball_case("on the surface, open", lattice(2, 13, 3), lattice(2, 61, 3), 0.25, 4),
        ball_case("on the surface, closed", lattice(2, 13, 3), lattice(2, 61, 3), 0.25, 4, True),
        ball_case("empty balls", normal(2, 5, 3, shift=9), normal(2, 11, 3), 0.5, 3),
        ball_case("more places than points", normal(1, 3, 3), normal(1, 5, 3), 9.0, 8),
    ],
    LOOPS,
)


def lists_case(name, B, P, rows, beyond=0):
    indices = torch.randint(0, rows + beyond, (B, P))
    keys = indices.clamp(max=rows)
    order = torch.sort(keys, stable=True, dim=-1).indices
    starts = torch.stack([torch.searchsorted(k.sort().values, torch.arange(rows + 1)) for k in keys])
    return case(name, {"rows": rows}, [(indices, "u32")], [(order, "u32"), (starts, "u32")])


write(
    "inverseLists",
    [
        lists_case("one", 1, 1, 1),
        lists_case("primes", 3, 31, 7),
        lists_case("one row", 2, 13, 1),
        lists_case("more rows than picks", 2, 17, 301),
        lists_case("some out of range", 2, 67, 15, beyond=4),
        lists_case("two passes, several chunks", 1, 1031, 17),
        lists_case("many rows", 1, 701, 5003),
    ],
)


def interpolate_case(name, B, S, C, N, K):
    source = normal(B, S, C, digits=2).requires_grad_()
    weights = normal(B, N, K, digits=2).requires_grad_()
    indices = torch.randint(0, S, (B, N, K))
    y = (source[torch.arange(B)[:, None, None], indices] * weights[..., None]).sum(2)
    cotangent = normal(*y.shape, digits=2)
    (y * cotangent).sum().backward()
    inputs = [source, (indices, "u32"), weights]
    return case(name, {}, inputs, [y], [cotangent], [source.grad, None, weights.grad])


write(
    "interpolate",
    [
        interpolate_case("one", 1, 1, 1, 1, 1),
        interpolate_case("primes", 3, 7, 5, 13, 3),
        interpolate_case("few sources", 2, 2, 11, 67, 3),
        interpolate_case("many neighbours", 1, 31, 3, 5, 17),
    ],
)


def voxel_case(name, points, side, occupancy):
    grid = torch.zeros(len(points), 1, side, side, side, dtype=torch.float64)
    for b, cloud in enumerate(points):
        for p in cloud:
            if bool((p.abs() <= 1).all()):
                x, y, z = (int(min(side - 1, torch.floor((v + 1) * side / 2))) for v in p)
                grid[b, 0, z, y, x] += 1
    fullest = grid.amax((1, 2, 3, 4), keepdim=True).clamp(min=1)
    out = grid.clamp(max=1) if occupancy == "binary" else grid / fullest
    return case(name, {"side": side, "occupancy": occupancy}, [points], [out])


centred = SHEET - SHEET.mean(0)
unit = exact(centred / centred.norm(dim=1).max())
edges = torch.randint(-5, 6, (2, 97, 3)).double() / 4
write(
    "voxels",
    [
        voxel_case("the sheet", unit[None], 4, "binary"),
        voxel_case("one cell", normal(1, 3, 3), 1, "density"),
        voxel_case("borders and points outside", edges, 5, "binary"),
        voxel_case("density", edges, 8, "density"),
        voxel_case("primes", normal(3, 53, 3, scale=0.5), 7, "density"),
    ],
    LOOPS,
)
