// Sum over any axes.
//
//   y[o] = Σ_r x[o, r]
//
// x      f32, row-major, read as [kept1, reduced1, kept2, reduced2, kept3]: neighbouring axes of a kind are joined
// out    f32 [kept1, kept2, kept3], `outputs` elements o
// r      counts the elements of [reduced1, reduced2]; a chunk is `chunk` of them in a row, the last one may be shorter
//
// A tall sum runs in two passes: the `…Partial` entry points leave one sum per chunk in partials [chunks, outputs], and the same
// kernel sums these (kept1 = reduced1 = kept2 = 1, reduced2 = chunks, kept3 = outputs). The order of summation is fixed.
//
// Dispatch, workgroups folded into two dimensions, `width` units in the first:
//   serial, serialPartial     one invocation per (chunk, output); neighbours read neighbouring columns
//   serial4, serial4Partial   one invocation per (chunk, 4 outputs); kept3 is a multiple of 4
//   along4, along4Partial     one invocation per (chunk, output), 4 elements at a time; kept3 = 1, reduced2 and chunk multiples of 4
//   parallel, parallelPartial one workgroup of LANES invocations per (chunk, output); neighbours read neighbouring r
//
//!include reduce.wgsl
struct Dims {
  outputs: u32,
  kept2: u32,
  kept3: u32,
  reduced1: u32,
  reduced2: u32,
  chunk: u32,
  chunks: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials4: array<vec4<f32>>;
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

// Where element r = 0 of output o lies in x.
fn start(o: u32) -> u32 {
  let o3 = o % dims.kept3;
  let o12 = o / dims.kept3;
  let o2 = o12 % dims.kept2;
  let o1 = o12 / dims.kept2;
  return (o1 * dims.reduced1 * dims.kept2 + o2) * dims.reduced2 * dims.kept3 + o3;
}

// How far element r lies behind element 0.
fn offsetOf(r: u32) -> u32 {
  return (r / dims.reduced2) * dims.kept2 * dims.reduced2 * dims.kept3 + (r % dims.reduced2) * dims.kept3;
}

fn serialSum(output: u32, chunk: u32) -> f32 {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  let jump = (dims.kept2 - 1u) * dims.reduced2 * dims.kept3;
  var at = start(output) + offsetOf(begin);
  var r2 = begin % dims.reduced2;
  var sum = 0f;
  for (var r = begin; r < end; r++) {
    sum += x[at];
    at += dims.kept3;
    r2++;
    if (r2 == dims.reduced2) {
      r2 = 0u;
      at += jump;
    }
  }
  return sum;
}

fn serialSum4(output: u32, chunk: u32) -> vec4<f32> {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  let jump = (dims.kept2 - 1u) * dims.reduced2 * dims.kept3;
  var at = start(output) + offsetOf(begin);
  var r2 = begin % dims.reduced2;
  var sum = vec4<f32>();
  for (var r = begin; r < end; r++) {
    sum += x4[at / 4u];
    at += dims.kept3;
    r2++;
    if (r2 == dims.reduced2) {
      r2 = 0u;
      at += jump;
    }
  }
  return sum;
}

fn alongSum4(output: u32, chunk: u32) -> f32 {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  let jump = (dims.kept2 - 1u) * dims.reduced2;
  var at = start(output) + offsetOf(begin);
  var r2 = begin % dims.reduced2;
  var sum = vec4<f32>();
  for (var r = begin; r < end; r += 4u) {
    sum += x4[at / 4u];
    at += 4u;
    r2 += 4u;
    if (r2 == dims.reduced2) {
      r2 = 0u;
      at += jump;
    }
  }
  return sum.x + sum.y + (sum.z + sum.w);
}

fn parallelSum(output: u32, chunk: u32, lane: u32) -> f32 {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  let first = start(output);
  var sum = 0f;
  if (dims.reduced1 == 1u) {
    for (var r = begin + lane; r < end; r += LANES) {
      sum += x[first + r * dims.kept3];
    }
  } else {
    for (var r = begin + lane; r < end; r += LANES) {
      sum += x[first + offsetOf(r)];
    }
  }
  return sumLanes(lane, sum);
}

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = id.y * dims.width + id.x;
  if (output >= dims.outputs) {
    return;
  }
  store(output, serialSum(output, 0u));
}

@compute @workgroup_size(WORKGROUP)
fn serialPartial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.outputs * dims.chunks) {
    return;
  }
  partials[unit] = serialSum(unit % dims.outputs, unit / dims.outputs);
}

@compute @workgroup_size(WORKGROUP)
fn serial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = (id.y * dims.width + id.x) * 4u;
  if (output >= dims.outputs) {
    return;
  }
  store4(output, serialSum4(output, 0u));
}

@compute @workgroup_size(WORKGROUP)
fn serial4Partial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = (id.y * dims.width + id.x) * 4u;
  if (unit >= dims.outputs * dims.chunks) {
    return;
  }
  partials4[unit / 4u] = serialSum4(unit % dims.outputs, unit / dims.outputs);
}

@compute @workgroup_size(WORKGROUP)
fn along4(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = id.y * dims.width + id.x;
  if (output >= dims.outputs) {
    return;
  }
  store(output, alongSum4(output, 0u));
}

@compute @workgroup_size(WORKGROUP)
fn along4Partial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.outputs * dims.chunks) {
    return;
  }
  partials[unit] = alongSum4(unit % dims.outputs, unit / dims.outputs);
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let output = group.y * dims.width + group.x;
  let sum = parallelSum(min(output, dims.outputs - 1u), 0u, lane);
  if (lane == 0u && output < dims.outputs) {
    store(output, sum);
  }
}

@compute @workgroup_size(LANES)
fn parallelPartial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let unit = group.y * dims.width + group.x;
  let last = dims.outputs * dims.chunks - 1u;
  let sum = parallelSum(min(unit, last) % dims.outputs, min(unit, last) / dims.outputs, lane);
  if (lane == 0u && unit <= last) {
    partials[unit] = sum;
  }
}
