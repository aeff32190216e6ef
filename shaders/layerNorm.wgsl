// Layer normalisation over the last axis (Ba, Kiros & Hinton 2016), and its saved statistics.
//
//   mean = (1/D) Σ x,   rstd = 1 / √((1/D) Σ (x − mean)² + eps),   y = (x − mean) · rstd · scale + shift
//
// x, y           f32 [rows, D]
// scale, shift   f32 [D]
// mean, rstd     f32 [rows]
//
// Sums run over x − x[0], so that a mean far from zero costs no digits. Where one invocation has the row, it takes the variance as
// mean((x − x[0])²) − (mean − x[0])² in the same pass: since (x[0] − mean)² is at most D variances, this loses at most a factor
// D of the precision, 1e-4 for rows of 1,000. A workgroup takes the variance in a second pass.
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   serial, serial4   one invocation per row (serial4: D is a multiple of 4)
//   parallel          one workgroup of LANES invocations per row
//
//!include reduce.wgsl
struct Dims {
  rows: u32,
  columns: u32,
  width: u32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> scale4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> shift: array<f32>;
@group(0) @binding(3) var<storage, read> shift4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> mean: array<f32>;
@group(0) @binding(5) var<storage, read_write> rstd: array<f32>;
// @epilogue begin
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) {
  out[index] = value;
}
@group(0) @binding(6) var<storage, read_write> out4: array<vec4<f32>>;
fn store4(index: u32, value: vec4<f32>) {
  out4[index / 4u] = value;
}
// @epilogue end

override WORKGROUP: u32 = 64u;

// 1 / √(variance + eps) from the mean of x − x[0] and the sum of its squares.
fn inverseDeviation(center: f32, squares: f32) -> f32 {
  return inverseSqrt(max(squares / f32(dims.columns) - center * center, 0f) + dims.eps);
}

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let first = row * dims.columns;
  let end = first + dims.columns;
  let origin = x[first];
  var sum = 0f;
  var squares = 0f;
  for (var i = first; i < end; i++) {
    let d = x[i] - origin;
    sum += d;
    squares += d * d;
  }
  let center = sum / f32(dims.columns);
  let r = inverseDeviation(center, squares);
  mean[row] = origin + center;
  rstd[row] = r;
  for (var i = 0u; i < dims.columns; i++) {
    store(first + i, (x[first + i] - origin - center) * r * scale[i] + shift[i]);
  }
}

@compute @workgroup_size(WORKGROUP)
fn serial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let count = dims.columns / 4u;
  let first = row * count;
  let end = first + count;
  let origin = x4[first].x;
  var sum = vec4<f32>();
  var squares = vec4<f32>();
  for (var i = first; i < end; i++) {
    let d = x4[i] - origin;
    sum += d;
    squares += d * d;
  }
  let center = (sum.x + sum.y + (sum.z + sum.w)) / f32(dims.columns);
  let r = inverseDeviation(center, squares.x + squares.y + (squares.z + squares.w));
  mean[row] = origin + center;
  rstd[row] = r;
  for (var i = 0u; i < count; i++) {
    store4((first + i) * 4u, (x4[first + i] - origin - center) * r * scale4[i] + shift4[i]);
  }
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let row = min(wanted, dims.rows - 1u);
  let first = row * dims.columns;
  let origin = x[first];
  var sum = 0f;
  for (var i = lane; i < dims.columns; i += LANES) {
    sum += x[first + i] - origin;
  }
  let center = sumLanes(lane, sum) / f32(dims.columns);
  var squares = 0f;
  for (var i = lane; i < dims.columns; i += LANES) {
    let d = x[first + i] - origin - center;
    squares += d * d;
  }
  let r = inverseSqrt(sumLanes(lane, squares) / f32(dims.columns) + dims.eps);
  if (wanted < dims.rows) {
    if (lane == 0u) {
      mean[row] = origin + center;
      rstd[row] = r;
    }
    for (var i = lane; i < dims.columns; i += LANES) {
      store(first + i, (x[first + i] - origin - center) * r * scale[i] + shift[i]);
    }
  }
}
