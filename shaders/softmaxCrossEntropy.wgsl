// Cross-entropy of softmax rows in one, and its gradient.
//
//   m_r = max_k z_rk,   s_r = log Σ_k exp(z_rk − m_r)
//   loss_r = (1−α) (s_r + m_r − z_ry) + α (s_r + m_r − mean_k z_rk)           α: label smoothing (Szegedy et al. 2016)
//   dz_rk  = g_r · (exp(z_rk − m_r − s_r) − (1−α) [k = y] − α/K)
//
// logits f32 [rows, K];  labels u32 [rows];  loss, g f32 [rows];  saved vec2 [rows]: m and s apart, since their sum would round off s
// where m is large
// A label equal to `ignored`, or of K or more, has loss and gradient 0.
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   serial, serial4       one invocation per row (serial4: K is a multiple of 4)
//   parallel              one workgroup of LANES invocations per row
//   gradient, gradient4   one invocation per element, or per 4 (K is a multiple of 4)
//
//!include reduce.wgsl
struct Dims {
  rows: u32,
  columns: u32,
  width: u32,
  ignored: u32,
  smoothing: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> logits4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> saved: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> cotangent: array<f32>;
// @epilogue begin
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) {
  out[index] = value;
}
@group(0) @binding(5) var<storage, read_write> out4: array<vec4<f32>>;
fn store4(index: u32, value: vec4<f32>) {
  out4[index / 4u] = value;
}
// @epilogue end

override WORKGROUP: u32 = 64u;

fn counts(label: u32) -> bool {
  return label < dims.columns && label != dims.ignored;
}

// The loss from log Σ exp(z − m), z_y − m and Σ (z − m). Without smoothing the last is left out: it may be minus infinity.
fn lossOf(label: u32, rest: f32, hit: f32, shifted: f32) -> f32 {
  if (!counts(label)) {
    return 0f;
  }
  var value = (1f - dims.smoothing) * (rest - hit);
  if (dims.smoothing > 0f) {
    value += dims.smoothing * (rest - shifted / f32(dims.columns));
  }
  return value;
}

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let first = row * dims.columns;
  let end = first + dims.columns;
  var largest = logits[first];
  for (var i = first; i < end; i++) {
    largest = max(largest, logits[i]);
  }
  var sum = 0f;
  var shifted = 0f;
  for (var i = first; i < end; i++) {
    let z = logits[i] - largest;
    sum += exp(z);
    shifted += z;
  }
  let rest = log(sum);
  let label = labels[row];
  saved[row] = vec2<f32>(largest, rest);
  store(row, lossOf(label, rest, logits[first + min(label, dims.columns - 1u)] - largest, shifted));
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
  var largest4 = logits4[first];
  for (var i = first; i < end; i++) {
    largest4 = max(largest4, logits4[i]);
  }
  let largest = max(max(largest4.x, largest4.y), max(largest4.z, largest4.w));
  var sums = vec4<f32>();
  var shifted = vec4<f32>();
  for (var i = first; i < end; i++) {
    let z = logits4[i] - largest;
    sums += exp(z);
    shifted += z;
  }
  let rest = log(sums.x + sums.y + (sums.z + sums.w));
  let label = labels[row];
  let at = min(label, dims.columns - 1u);
  saved[row] = vec2<f32>(largest, rest);
  let shiftedSum = shifted.x + shifted.y + (shifted.z + shifted.w);
  store(row, lossOf(label, rest, logits4[first + at / 4u][at % 4u] - largest, shiftedSum));
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let row = min(wanted, dims.rows - 1u);
  let first = row * dims.columns;
  var laneLargest = logits[first];
  for (var i = lane; i < dims.columns; i += LANES) {
    laneLargest = max(laneLargest, logits[first + i]);
  }
  let largest = maxLanes(lane, laneLargest);
  var laneSum = 0f;
  var laneShifted = 0f;
  for (var i = lane; i < dims.columns; i += LANES) {
    let z = logits[first + i] - largest;
    laneSum += exp(z);
    laneShifted += z;
  }
  let rest = log(sumLanes(lane, laneSum));
  let shifted = sumLanes(lane, laneShifted);
  if (lane == 0u && wanted < dims.rows) {
    let label = labels[row];
    saved[row] = vec2<f32>(largest, rest);
    store(row, lossOf(label, rest, logits[first + min(label, dims.columns - 1u)] - largest, shifted));
  }
}

@compute @workgroup_size(WORKGROUP)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.rows * dims.columns) {
    return;
  }
  let row = i / dims.columns;
  let label = labels[row];
  let hit = select(0f, 1f - dims.smoothing, label == i % dims.columns);
  let known = statistics[row];
  let slope = exp(logits[i] - known.x - known.y) - hit - dims.smoothing / f32(dims.columns);
  store(i, select(0f, cotangent[row] * slope, counts(label)));
}

@compute @workgroup_size(WORKGROUP)
fn gradient4(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  let count = dims.columns / 4u;
  if (i >= dims.rows * count) {
    return;
  }
  let row = i / count;
  let label = labels[row];
  let column = vec4<u32>((i % count) * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  let hit = select(vec4<f32>(0f), vec4<f32>(1f - dims.smoothing), column == vec4<u32>(label));
  let known = statistics[row];
  let slope = exp(logits4[i] - known.x - known.y) - hit - dims.smoothing / f32(dims.columns);
  store4(i * 4u, select(vec4<f32>(0f), cotangent[row] * slope, counts(label)));
}
