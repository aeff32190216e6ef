//!include rng.wgsl
// Keys [rows, grid²] that decide which patches a masked autoencoder hides: the K smallest stay (MAE, He et al. 2021, §3).
//   random   a uniform number for each patch
//   block    minus the distance to a random centre, in a norm whose balls are rectangles of random aspect exp U(−½ log 1/0.3, ½ log 1/0.3):
//            the hidden ones form one blob for any ratio
//   ordered  the Bayer order of the cell: at 75% one of every 2×2 stays; shifted by a random offset for each image
// A small random number breaks ties. Dispatch: one invocation for a patch, rows of `width`.

struct Dims { count: u32, width: u32, stream: u32, grid: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read> step: array<u32>;
@group(0) @binding(3) var<storage, read_write> keys: array<f32>;

fn elementUniform(i: u32) -> f32 {
  let words = philox(vec4<u32>(step[0], i / 4u, 0u, 0u), vec2<u32>(seed[0], dims.stream));
  return uniform01(words)[i % 4u];
}

fn imageUniforms(row: u32) -> vec4<f32> {
  return uniform01(philox(vec4<u32>(step[0], row, 1u, 0u), vec2<u32>(seed[0], dims.stream)));
}

@compute @workgroup_size(64) fn random(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { keys[i] = elementUniform(i); }
}

@compute @workgroup_size(64) fn block(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cells = dims.grid * dims.grid;
  let u = imageUniforms(i / cells);
  let aspect = exp((2f * u.z - 1f) * 0.601986402162968f);
  let place = vec2<f32>(f32((i % cells) % dims.grid), f32((i % cells) / dims.grid)) + vec2<f32>(0.5f);
  let away = abs(place - u.xy * f32(dims.grid)) * vec2<f32>(1f / aspect, aspect);
  keys[i] = -max(away.x, away.y) + 1e-4f * elementUniform(i);
}

@compute @workgroup_size(64) fn ordered(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cells = dims.grid * dims.grid;
  let u = imageUniforms(i / cells);
  let x = (i % cells) % dims.grid + u32(u.x * 16f);
  let y = (i % cells) / dims.grid + u32(u.y * 16f);
  var value = 0u;
  for (var bit = 0u; bit < 4u; bit++) {
    let bx = (x >> bit) & 1u;
    let by = (y >> bit) & 1u;
    value = value * 4u + (bx ^ by) * 2u + by;
  }
  keys[i] = f32(value) + 0.5f * elementUniform(i);
}
