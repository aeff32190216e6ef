// Views of a cloud: every point drawn as a disc of `radius` pixels that faces the camera, nearest first (z-buffer).
//   clip = P_v · (x, y, z, 1);  in view where |clip.xy| ≤ w, 0 ≤ clip.z ≤ w, w > 0;  depth = clip.z / w;  pixel rows run downwards
// A pixel belongs to the point of least depth, the smallest index among equals: two atomic minima over integers, the same in any order.
// points f32 [B, N, 3], cameras f32 [V, 16] (rows of P) → depth f32 [B, V, 1, H, H]: 1 − depth, 0 where nothing is;
// owners u32 [B, V, H, H]: the point that is seen, N where none.
//   clear    depths ← all ones, owners ← N          one invocation for a pixel
//   nearest  depths ← min over points               one invocation for a (cloud, view, point)
//   owner    owners ← min index at that depth       likewise
//   write    depth from depths                      one invocation for a pixel.   Rows of `width`.

struct Dims { count: u32, width: u32, points: u32, views: u32, side: u32, radius: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read> cameras: array<f32>;
@group(0) @binding(3) var<storage, read_write> depths: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> owners: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> depth: array<f32>;

const NOTHING = 0xffffffffu;

// Pixel coordinates and depth of a point; depth −1 where it is out of view.
fn project(view: u32, point: u32) -> vec3<f32> {
  let p = vec4<f32>(points[3u * point], points[3u * point + 1u], points[3u * point + 2u], 1f);
  var clip = vec4<f32>(0f);
  for (var row = 0u; row < 4u; row++) {
    let at = 16u * view + 4u * row;
    clip[row] = dot(p, vec4<f32>(cameras[at], cameras[at + 1u], cameras[at + 2u], cameras[at + 3u]));
  }
  let inside = clip.w > 0f && abs(clip.x) <= clip.w && abs(clip.y) <= clip.w && clip.z >= 0f && clip.z <= clip.w;
  if (!inside) { return vec3<f32>(0f, 0f, -1f); }
  let side = f32(dims.side);
  return vec3<f32>((clip.x / clip.w + 1f) * 0.5f * side, (1f - clip.y / clip.w) * 0.5f * side, clip.z / clip.w);
}

@compute @workgroup_size(64) fn clear(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  atomicStore(&depths[i], NOTHING);
  atomicStore(&owners[i], dims.points);
}

// Draws point n of (cloud, view): whole depths first, then the owners of what they left. Positive floats compare as their bits.
fn draw(i: u32, owning: bool) {
  let n = i % dims.points;
  let image = i / dims.points;
  let seen = project(image % dims.views, (image / dims.views) * dims.points + n);
  if (seen.z < 0f) { return; }
  let bits = bitcast<u32>(max(seen.z, 0f));
  let last = i32(dims.side) - 1;
  // The pixel that the point falls into is its own, however small the disc; the right and lower edge belong to the last one.
  let own = min(vec2<i32>(floor(seen.xy)), vec2<i32>(last));
  let low = min(vec2<i32>(floor(seen.xy - vec2<f32>(dims.radius))), own);
  let high = vec2<i32>(floor(seen.xy + vec2<f32>(dims.radius)));
  for (var y = max(low.y, 0); y <= min(high.y, last); y++) {
    for (var x = max(low.x, 0); x <= min(high.x, last); x++) {
      let away = vec2<f32>(f32(x), f32(y)) + vec2<f32>(0.5f) - seen.xy;
      let covered = dot(away, away) <= dims.radius * dims.radius || (x == own.x && y == own.y);
      if (!covered) { continue; }
      let pixel = (image * dims.side + u32(y)) * dims.side + u32(x);
      if (!owning) {
        atomicMin(&depths[pixel], bits);
      } else if (atomicLoad(&depths[pixel]) == bits) {
        atomicMin(&owners[pixel], n);
      }
    }
  }
}

@compute @workgroup_size(64) fn nearest(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { draw(i, false); }
}

@compute @workgroup_size(64) fn owner(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { draw(i, true); }
}

@compute @workgroup_size(64) fn write(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let bits = atomicLoad(&depths[i]);
  depth[i] = select(1f - bitcast<f32>(min(bits, 0x3f800000u)), 0f, bits == NOTHING);
}
