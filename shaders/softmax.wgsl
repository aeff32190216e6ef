// Softmax over the last axis, and its gradient.
//
//   y_k = exp(x_k − m) / Σ_j exp(x_j − m),  m = max_j x_j          dx_k = y_k · (dy_k − Σ_j dy_j · y_j)
//
// x, y, dy, dx   f32 [rows, D]
//
// Subtracting the maximum keeps exp at 1 or below: nothing overflows, and elements of minus infinity count for nothing.
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   serial, serial4, gradientSerial, gradientSerial4   one invocation per row (…4: D is a multiple of 4)
//   parallel, gradientParallel                         one workgroup of LANES invocations per row
//
//!include reduce.wgsl
struct Dims {
  rows: u32,
  columns: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> dy4: array<vec4<f32>>;
// @epilogue begin
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) {
  out[index] = value;
}
@group(0) @binding(3) var<storage, read_write> out4: array<vec4<f32>>;
fn store4(index: u32, value: vec4<f32>) {
  out4[index / 4u] = value;
}
// @epilogue end

override WORKGROUP: u32 = 64u;

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let first = row * dims.columns;
  let end = first + dims.columns;
  var largest = x[first];
  for (var i = first; i < end; i++) {
    largest = max(largest, x[i]);
  }
  var sum = 0f;
  for (var i = first; i < end; i++) {
    sum += exp(x[i] - largest);
  }
  for (var i = first; i < end; i++) {
    store(i, exp(x[i] - largest) / sum);
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
  var largest4 = x4[first];
  for (var i = first; i < end; i++) {
    largest4 = max(largest4, x4[i]);
  }
  let largest = max(max(largest4.x, largest4.y), max(largest4.z, largest4.w));
  var sums = vec4<f32>();
  for (var i = first; i < end; i++) {
    sums += exp(x4[i] - largest);
  }
  let sum = sums.x + sums.y + (sums.z + sums.w);
  for (var i = first; i < end; i++) {
    store4(i * 4u, exp(x4[i] - largest) / sum);
  }
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let first = min(wanted, dims.rows - 1u) * dims.columns;
  var laneLargest = x[first];
  for (var i = lane; i < dims.columns; i += LANES) {
    laneLargest = max(laneLargest, x[first + i]);
  }
  let largest = maxLanes(lane, laneLargest);
  var laneSum = 0f;
  for (var i = lane; i < dims.columns; i += LANES) {
    laneSum += exp(x[first + i] - largest);
  }
  let sum = sumLanes(lane, laneSum);
  if (wanted < dims.rows) {
    for (var i = lane; i < dims.columns; i += LANES) {
      store(first + i, exp(x[first + i] - largest) / sum);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn gradientSerial(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let first = row * dims.columns;
  let end = first + dims.columns;
  var sum = 0f;
  for (var i = first; i < end; i++) {
    sum += dy[i] * y[i];
  }
  for (var i = first; i < end; i++) {
    store(i, y[i] * (dy[i] - sum));
  }
}

@compute @workgroup_size(WORKGROUP)
fn gradientSerial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let count = dims.columns / 4u;
  let first = row * count;
  let end = first + count;
  var sums = vec4<f32>();
  for (var i = first; i < end; i++) {
    sums += dy4[i] * y4[i];
  }
  let sum = sums.x + sums.y + (sums.z + sums.w);
  for (var i = first; i < end; i++) {
    store4(i * 4u, y4[i] * (dy4[i] - sum));
  }
}

@compute @workgroup_size(LANES)
fn gradientParallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let first = min(wanted, dims.rows - 1u) * dims.columns;
  var laneSum = 0f;
  for (var i = lane; i < dims.columns; i += LANES) {
    laneSum += dy[first + i] * y[first + i];
  }
  let sum = sumLanes(lane, laneSum);
  if (wanted < dims.rows) {
    for (var i = lane; i < dims.columns; i += LANES) {
      store(first + i, y[first + i] * (dy[first + i] - sum));
    }
  }
}
