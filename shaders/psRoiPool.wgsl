//!include roi.wgsl
// Position-sensitive RoI pooling (R-FCN, Dai et al. 2016): bin (i, j) of output c is the mean of its own score map.
//
//   out[r, c, i, j] = mean over bin (i, j) of x[(c · k + i) · k + j],   0 where the bin is empty
//   bin i covers rows ⌊i · h/k + y1'⌋ … ⌈(i + 1) · h/k + y1'⌉ (exclusive), cut to the map
//   variant 0 (R-FCN's kernel)  y1' = round(y1) · scale, h = max((round(y2) + 1) · scale − y1', 0.1), cut to [0, H]
//   variant 1 (torchvision)     y1' = round(y1 · scale), h = max(round(y2 · scale) − y1', 1), cut to [0, H − 1]
//   ∂L/∂x[(c · k + i) · k + j, p] = Σ_{r : p ∈ bin (i, j)} g[r, c, i, j] / (pixels of the bin)
//
// Borders of bins are taken 1e-4 inwards, so that a quotient that should be whole is, however a device rounds it.
//
// Entry points, an invocation for: forward, an element of out [R, C/k², k, k]; gradient, an element of the map
// Dispatch: `count` invocations in rows of `width`.

@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// Rows (or columns) of a bin: first, and one past the last.
fn rowsOf(r: u32, axis: u32, i: u32) -> vec2<i32> {
  let torch = dims.variant == 1u;
  let side = sideOf(r, axis);
  let ends = select(
    (roundAway(side) + vec2<f32>(0f, 1f)) * dims.scale, roundAway(side * dims.scale), vec2<bool>(torch));
  let size = max(ends.y - ends.x, select(0.1f, 1f, torch));
  let borders = vec2<f32>(f32(i), f32(i + 1u)) * size / f32(dims.bins) + ends.x;
  let most = i32(lengthOf(axis)) - select(0i, 1i, torch);
  return clamp(vec2<i32>(i32(floor(borders.x + 1e-4f)), i32(ceil(borders.y - 1e-4f))), vec2<i32>(0i), vec2<i32>(most));
}

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let b = binOf(n);
  let rows = rowsOf(b.r, 1u, b.i);
  let columns = rowsOf(b.r, 0u, b.j);
  let channel = (b.c * dims.bins + b.i) * dims.bins + b.j;
  let plane = (pictureOf(b.r) * dims.channels + channel) * pixels();
  var sum = 0f;
  for (var row = rows.x; row < rows.y; row++) {
    for (var column = columns.x; column < columns.y; column++) { sum += x[plane + u32(row) * dims.iW + u32(column)]; }
  }
  out[n] = sum / f32(max((rows.y - rows.x) * (columns.y - columns.x), 1i));
}

@compute @workgroup_size(64) fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let row = i32(n % pixels() / dims.iW);
  let column = i32(n % dims.iW);
  let channel = n / pixels() % dims.channels;
  let picture = n / pixels() / dims.channels;
  let map = channel / dims.bins;
  let i = map % dims.bins;
  let j = channel % dims.bins;
  var sum = 0f;
  for (var r = 0u; r < dims.regions; r++) {
    if (pictureOf(r) != picture) { continue; }
    let rows = rowsOf(r, 1u, i);
    if (row < rows.x || row >= rows.y) { continue; }
    let columns = rowsOf(r, 0u, j);
    if (column < columns.x || column >= columns.y) { continue; }
    sum += g[placeOf(Bin(r, map / dims.bins, i, j))] / f32((rows.y - rows.x) * (columns.y - columns.x));
  }
  out[n] = sum;
}
