//!include rng.wgsl
// Clouds distorted by chance: what training sees, and what a slider shows. For each cloud b, in this order:
//   p' = s · R_y(φ) p + jitter,   φ ~ U(−π, π)·turn,   s ~ U(smallest, largest),   jitter ~ clip(σ N(0, 1), ±limit) for each coordinate
//   dropped with probability θ ~ U(leastDrop, mostDrop), or by the density gradient with probability slope · (1 + ⟨p, a⟩)/2 along a random
//     horizontal direction a: a dropped point repeats point 0, so that the shape of the tensor stays (PointNet++'s input dropout)
//   outlier with probability `outliers`: anywhere in [−1, 1]³
// points f32 [B, N, D], D = 3, or 6 with normals, which turn along → out f32 [B, N, D]; source u32 [B, N]: the point that each came from,
// N for an outlier. strength f32 [9]: turn, smallest, largest, σ, limit, leastDrop, mostDrop, slope, outliers.
// Dispatch: one invocation for a point, rows of `width`.

struct Dims { count: u32, width: u32, points: u32, depth: u32, stream: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read> seed: array<u32>;
@group(0) @binding(3) var<storage, read> step: array<u32>;
@group(0) @binding(4) var<storage, read> strength: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read_write> source: array<u32>;

const PI = 3.14159265358979f;

// Words of item i for a purpose: 0 the cloud, 2 a point, 3 its jitter, 4 an outlier.
fn words(i: u32, purpose: u32) -> vec4<u32> {
  return philox(vec4<u32>(step[0], i, purpose, 0u), vec2<u32>(seed[0], dims.stream));
}

fn coordinates(at: u32) -> vec3<f32> {
  return vec3<f32>(points[at], points[at + 1u], points[at + 2u]);
}

fn turned(p: vec3<f32>, c: f32, s: f32) -> vec3<f32> {
  return vec3<f32>(c * p.x + s * p.z, p.y, c * p.z - s * p.x);
}

fn put(at: u32, p: vec3<f32>) {
  out[at] = p.x;
  out[at + 1u] = p.y;
  out[at + 2u] = p.z;
}

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cloud = i / dims.points;
  let first = cloud * dims.points;
  let whole = uniform01(words(cloud, 0u));
  let angle = (2f * whole.x - 1f) * PI * strength[0];
  let scale = mix(strength[1], strength[2], whole.y);
  let dropped = mix(strength[5], strength[6], whole.z);
  let own = uniform01(words(i, 2u));
  let along = 2f * PI * whole.w;
  let height = 0.5f + 0.5f * dot(coordinates(i * dims.depth), vec3<f32>(cos(along), 0f, sin(along)));
  let gone = own.x < dropped || own.y < strength[7] * clamp(height, 0f, 1f);
  let origin = select(i, first, gone);
  // Devices take sine and cosine to 2⁻¹¹ only: brought to unit length, so that the turn stretches nothing.
  let turn = normalize(vec2<f32>(cos(angle), sin(angle)));
  let c = turn.x;
  let s = turn.y;
  let noise = clamp(strength[3] * normals(words(origin, 3u)).xyz, vec3<f32>(-strength[4]), vec3<f32>(strength[4]));
  put(i * dims.depth, scale * turned(coordinates(origin * dims.depth), c, s) + noise);
  source[i] = origin - first;
  if (dims.depth == 6u) { put(i * dims.depth + 3u, turned(coordinates(origin * dims.depth + 3u), c, s)); }
  if (own.z < strength[8]) {
    put(i * dims.depth, 2f * uniform01(words(i, 4u)).xyz - vec3<f32>(1f));
    source[i] = dims.points;
  }
}
