//!include rng.wgsl
// A batch of clouds out of a set that lies on the device as bytes, each with N of its P stored points, in another order each step.
//   place n of batch item b shows stored point π(n), π a permutation of 0 … P − 1 by seed, step and b (resample = 1), else the identity
// words u32 [shapes, P, 2]: x, y, z (int8, units of 1/127) and part (uint8), low bytes first; then the normal's x, y, z and 0.
// items u32 [B] → points f32 [B, N, D], D = 3, or 6 with normals; parts u32 [B, N].
// π is a keyed Feistel network of four rounds with cycle walking (as in random.wgsl): no sort, every point once at most.
// Dispatch: one invocation for a point, rows of `width`.

struct Dims { count: u32, width: u32, stored: u32, points: u32, depth: u32, halfBits: u32, stream: u32, resample: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> words: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<u32>;
@group(0) @binding(3) var<storage, read> seed: array<u32>;
@group(0) @binding(4) var<storage, read> step: array<u32>;
@group(0) @binding(5) var<storage, read_write> points: array<f32>;
@group(0) @binding(6) var<storage, read_write> parts: array<u32>;

fn feistel(value: u32, item: u32) -> u32 {
  let mask = (1u << dims.halfBits) - 1u;
  var left = value >> dims.halfBits;
  var right = value & mask;
  for (var round = 0u; round < 4u; round++) {
    let mixed = philox(vec4<u32>(step[0], item, right, round), vec2<u32>(seed[0], dims.stream)).x & mask;
    let next = left ^ mixed;
    left = right;
    right = next;
  }
  return (left << dims.halfBits) | right;
}

fn put(at: u32, word: u32) {
  for (var c = 0u; c < 3u; c++) {
    points[at + c] = f32(bitcast<i32>(word << (24u - 8u * c)) >> 24u) / 127f;
  }
}

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let item = i / dims.points;
  var place = i % dims.points;
  if (dims.resample == 1u) {
    place = feistel(place, item);
    while (place >= dims.stored) { place = feistel(place, item); }
  }
  let at = 2u * (items[item] * dims.stored + place);
  let word = words[at];
  put(i * dims.depth, word);
  parts[i] = word >> 24u;
  if (dims.depth == 6u) { put(i * dims.depth + 3u, words[at + 1u]); }
}
