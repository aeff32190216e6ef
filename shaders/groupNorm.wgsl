// The whole of group normalisation (Wu & He 2018) in one dispatch, and its saved statistics.
//
//   mean = (1/n) Σ x,   rstd = 1 / √((1/n) Σ (x − mean)² + eps),   y = (x − mean) · rstd · scale + shift     per sample and group
//
// x, y           f32 [rows, share, inner]: a row is a group of a sample, `share` neighbouring channels of `inner` elements; n = share · inner
// scale, shift   f32 [groups · share]; row r takes those of group r % groups
// mean, rstd     f32 [rows]
//
// Sums run over x − x[0], so that a mean far from zero costs no digits; the variance takes a second pass.
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   serial, serial4   one invocation per row (serial4: inner is a multiple of 4)
//   parallel          one workgroup of LANES invocations per row
//
//!include reduce.wgsl
struct Dims {
  rows: u32,
  groups: u32,
  share: u32,
  inner: u32,
  width: u32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> shift: array<f32>;
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

override WORKGROUP: u32 = 16u;

fn total(v: vec4<f32>) -> f32 { return v.x + v.y + (v.z + v.w); }

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) { return; }
  let n = dims.share * dims.inner;
  let first = row * n;
  let origin = x[first];
  var sum = 0f;
  for (var i = first; i < first + n; i++) { sum += x[i] - origin; }
  let center = sum / f32(n);
  var squares = 0f;
  for (var i = first; i < first + n; i++) {
    let d = x[i] - origin - center;
    squares += d * d;
  }
  let r = inverseSqrt(squares / f32(n) + dims.eps);
  mean[row] = origin + center;
  rstd[row] = r;
  for (var c = 0u; c < dims.share; c++) {
    let channel = (row % dims.groups) * dims.share + c;
    let begin = first + c * dims.inner;
    for (var i = begin; i < begin + dims.inner; i++) {
      store(i, (x[i] - origin - center) * r * scale[channel] + shift[channel]);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn serial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) { return; }
  let n = dims.share * dims.inner;
  let first = row * n / 4u;
  let end = first + n / 4u;
  let origin = x4[first].x;
  var sum = vec4<f32>();
  for (var i = first; i < end; i++) { sum += x4[i] - origin; }
  let center = total(sum) / f32(n);
  var squares = vec4<f32>();
  for (var i = first; i < end; i++) {
    let d = x4[i] - origin - center;
    squares += d * d;
  }
  let r = inverseSqrt(total(squares) / f32(n) + dims.eps);
  mean[row] = origin + center;
  rstd[row] = r;
  for (var c = 0u; c < dims.share; c++) {
    let channel = (row % dims.groups) * dims.share + c;
    let begin = first + c * (dims.inner / 4u);
    for (var i = begin; i < begin + dims.inner / 4u; i++) {
      store4(i * 4u, (x4[i] - origin - center) * r * scale[channel] + shift[channel]);
    }
  }
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let row = min(wanted, dims.rows - 1u);
  let n = dims.share * dims.inner;
  let first = row * n;
  let origin = x[first];
  var sum = 0f;
  for (var i = lane; i < n; i += LANES) { sum += x[first + i] - origin; }
  let center = sumLanes(lane, sum) / f32(n);
  var squares = 0f;
  for (var i = lane; i < n; i += LANES) {
    let d = x[first + i] - origin - center;
    squares += d * d;
  }
  let r = inverseSqrt(sumLanes(lane, squares) / f32(n) + dims.eps);
  if (wanted < dims.rows) {
    if (lane == 0u) {
      mean[row] = origin + center;
      rstd[row] = r;
    }
    for (var i = lane; i < n; i += LANES) {
      let channel = (row % dims.groups) * dims.share + i / dims.inner;
      store(first + i, (x[first + i] - origin - center) * r * scale[channel] + shift[channel]);
    }
  }
}
