//!include rng.wgsl
// Images moved by a few pixels and mirrored, each by its own chance: the light augmentation of small pictures.
//   (u, v, w) = uniforms of image b;  dx = ⌊u(2s+1)⌋ − s,  dy = ⌊v(2s+1)⌋ − s,  mirrored when w < 1/2 and flip = 1
//   out[b,c,y,x] = images[b,c, clamp(y + dy), clamp(x' + dx)],  x' = S − 1 − x where mirrored, x elsewhere
// images f32 [B, C, S, S] → out f32 [B, C, S, S]; beyond the edge the edge is repeated. shift s in pixels.
// Dispatch: one invocation for an element, rows of `width`.

struct Dims { count: u32, width: u32, channels: u32, size: u32, shift: u32, flip: u32, stream: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> images: array<f32>;
@group(0) @binding(2) var<storage, read> seed: array<u32>;
@group(0) @binding(3) var<storage, read> step: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let plane = dims.size * dims.size;
  let image = i / (plane * dims.channels);
  let chance = uniform01(philox(vec4<u32>(step[0], image, 0u, 0u), vec2<u32>(seed[0], dims.stream)));
  let range = f32(2u * dims.shift + 1u);
  let dx = i32(floor(chance.x * range)) - i32(dims.shift);
  let dy = i32(floor(chance.y * range)) - i32(dims.shift);
  let last = i32(dims.size) - 1;
  var x = i32(i % dims.size);
  let y = i32((i % plane) / dims.size);
  if (dims.flip == 1u && chance.z < 0.5f) { x = last - x; }
  let from_x = u32(clamp(x + dx, 0, last));
  let from_y = u32(clamp(y + dy, 0, last));
  out[i] = images[(i / plane) * plane + from_y * dims.size + from_x];
}
