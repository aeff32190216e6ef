// Largest or smallest element over any axes, and where it lies.
//
//   y[o] = max_r x[o, r],   index[o] = the lowest r with x[o, r] = y[o]          (SIGN = 1; SIGN = -1 takes the minimum)
//   dx[o, r] = g[o] where r = index[o], else 0
//
// NaN wins over every number, so that it stays visible.
//
// x        f32, row-major, read as [kept1, reduced1, kept2, reduced2, kept3] as in reduce.wgsl
// out      f32 [kept1, kept2, kept3], indices u32 of the same shape; r counts [reduced1, reduced2] row-major
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   serial, serialPartial     one invocation per (chunk, output)
//   parallel, parallelPartial one workgroup of LANES invocations per (chunk, output)
//   combine                   one invocation per output over partialValues, partialIndices [chunks, outputs]
//   gradient                  one invocation per element of x; `outputs` counts these
//
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
@group(0) @binding(2) var<storage, read_write> partialValues: array<f32>;
@group(0) @binding(3) var<storage, read_write> partialIndices: array<u32>;
@group(0) @binding(4) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> chosen: array<u32>;
// @epilogue begin
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) {
  out[index] = value;
}
// @epilogue end

override SIGN: f32 = 1f;
override WORKGROUP: u32 = 64u;
override LANES: u32 = 64u;

struct Best {
  value: f32,
  index: u32,
}

var<workgroup> laneValues: array<f32, LANES>;
var<workgroup> laneIndices: array<u32, LANES>;

fn isNan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

fn better(a: Best, b: Best) -> Best {
  let lower = b.index < a.index;
  var second = SIGN * b.value > SIGN * a.value || (b.value == a.value && lower);
  if (isNan(a.value) || isNan(b.value)) {
    second = isNan(b.value) && (!isNan(a.value) || lower);
  }
  if (second) {
    return b;
  }
  return a;
}

fn start(o: u32) -> u32 {
  let o3 = o % dims.kept3;
  let o12 = o / dims.kept3;
  let o2 = o12 % dims.kept2;
  let o1 = o12 / dims.kept2;
  return (o1 * dims.reduced1 * dims.kept2 + o2) * dims.reduced2 * dims.kept3 + o3;
}

fn offsetOf(r: u32) -> u32 {
  return (r / dims.reduced2) * dims.kept2 * dims.reduced2 * dims.kept3 + (r % dims.reduced2) * dims.kept3;
}

fn search(output: u32, begin: u32, step: u32, end: u32, first: u32) -> Best {
  let at = start(output);
  var best = Best(x[at + offsetOf(first)], first);
  for (var r = begin; r < end; r += step) {
    best = better(best, Best(x[at + offsetOf(r)], r));
  }
  return best;
}

fn serialBest(output: u32, chunk: u32) -> Best {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  return search(output, begin + 1u, 1u, end, begin);
}

fn parallelBest(output: u32, chunk: u32, lane: u32) -> Best {
  let begin = chunk * dims.chunk;
  let end = min(begin + dims.chunk, dims.reduced1 * dims.reduced2);
  var best = search(output, begin + lane, LANES, end, begin);
  laneValues[lane] = best.value;
  laneIndices[lane] = best.index;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach = reach / 2u) {
    if (lane < reach) {
      best = better(best, Best(laneValues[lane + reach], laneIndices[lane + reach]));
      laneValues[lane] = best.value;
      laneIndices[lane] = best.index;
    }
    workgroupBarrier();
  }
  return best;
}

@compute @workgroup_size(WORKGROUP)
fn serial(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = id.y * dims.width + id.x;
  if (output >= dims.outputs) {
    return;
  }
  let best = serialBest(output, 0u);
  indices[output] = best.index;
  store(output, best.value);
}

@compute @workgroup_size(WORKGROUP)
fn serialPartial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.outputs * dims.chunks) {
    return;
  }
  let best = serialBest(unit % dims.outputs, unit / dims.outputs);
  partialValues[unit] = best.value;
  partialIndices[unit] = best.index;
}

@compute @workgroup_size(LANES)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let output = group.y * dims.width + group.x;
  let best = parallelBest(min(output, dims.outputs - 1u), 0u, lane);
  if (lane == 0u && output < dims.outputs) {
    indices[output] = best.index;
    store(output, best.value);
  }
}

@compute @workgroup_size(LANES)
fn parallelPartial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let unit = group.y * dims.width + group.x;
  let last = dims.outputs * dims.chunks - 1u;
  let best = parallelBest(min(unit, last) % dims.outputs, min(unit, last) / dims.outputs, lane);
  if (lane == 0u && unit <= last) {
    partialValues[unit] = best.value;
    partialIndices[unit] = best.index;
  }
}

@compute @workgroup_size(WORKGROUP)
fn combine(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = id.y * dims.width + id.x;
  if (output >= dims.outputs) {
    return;
  }
  var best = Best(partialValues[output], partialIndices[output]);
  for (var c = 1u; c < dims.chunks; c++) {
    let at = c * dims.outputs + output;
    best = better(best, Best(partialValues[at], partialIndices[at]));
  }
  indices[output] = best.index;
  store(output, best.value);
}

@compute @workgroup_size(WORKGROUP)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let element = id.y * dims.width + id.x;
  if (element >= dims.outputs) {
    return;
  }
  let k3 = element % dims.kept3;
  let above3 = element / dims.kept3;
  let r2 = above3 % dims.reduced2;
  let above2 = above3 / dims.reduced2;
  let k2 = above2 % dims.kept2;
  let above1 = above2 / dims.kept2;
  let r1 = above1 % dims.reduced1;
  let k1 = above1 / dims.reduced1;
  let output = (k1 * dims.kept2 + k2) * dims.kept3 + k3;
  store(element, select(0f, g[output], chosen[output] == r1 * dims.reduced2 + r2));
}
