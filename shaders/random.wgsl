//!include rng.wgsl
// Random numbers on the device. seed, step: one u32 each; `stream` tells uses of chance apart.
//   uniforms      out[i] ∈ [0, 1)
//   standardNormals  out[i] ~ N(0, 1)
//   batchIndices  out[i] = π_e(step·batch + i mod count), π_e a permutation of 0…count−1 for each epoch e: every item once an epoch
// Dispatch: one invocation for four numbers (uniforms, normals), one for an index; rows of `width` invocations.

struct Dims { count: u32, width: u32, stream: u32, items: u32, halfBits: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read> step: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> indices: array<u32>;

fn words(block: u32) -> vec4<u32> {
  return philox(vec4<u32>(step[0], block, 0u, 0u), vec2<u32>(seed[0], dims.stream));
}

fn write4(block: u32, values: vec4<f32>) {
  for (var k = 0u; k < 4u; k++) {
    let i = block * 4u + k;
    if (i < dims.count) { out[i] = values[k]; }
  }
}

@compute @workgroup_size(64) fn uniforms(@builtin(global_invocation_id) id: vec3<u32>) {
  let block = id.y * dims.width + id.x;
  if (block * 4u < dims.count) { write4(block, uniform01(words(block))); }
}

@compute @workgroup_size(64) fn standardNormals(@builtin(global_invocation_id) id: vec3<u32>) {
  let block = id.y * dims.width + id.x;
  if (block * 4u < dims.count) { write4(block, normals(words(block))); }
}

// A permutation of 0…2^(2h)−1 by a Feistel network of four rounds, h = halfBits; the round function is Philox.
fn feistel(value: u32, epoch: u32) -> u32 {
  let mask = (1u << dims.halfBits) - 1u;
  var left = value >> dims.halfBits;
  var right = value & mask;
  for (var round = 0u; round < 4u; round++) {
    let mixed = philox(vec4<u32>(epoch, right, round, 1u), vec2<u32>(seed[0], dims.stream)).x & mask;
    let next = left ^ mixed;
    left = right;
    right = next;
  }
  return (left << dims.halfBits) | right;
}

@compute @workgroup_size(64) fn batchIndices(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let position = step[0] * dims.count + i;
  let epoch = position / dims.items;
  // Values outside 0…items−1 are permuted again until they fall inside (cycle walking); four values in one are the most there are.
  var value = feistel(position % dims.items, epoch);
  while (value >= dims.items) { value = feistel(value, epoch); }
  indices[i] = value;
}
