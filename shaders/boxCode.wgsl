// Boxes as shifts of others, and back (Girshick et al. 2014); continuous (x1, y1, x2, y2).
//
//   encode  t_x = (x − x_a) / w_a / σ_c,  t_y alike;   t_w = ln(w / w_a) / σ_s,  t_h alike          x, y: centres; a: the anchor or proposal
//   decode  x = x_a + σ_c · t_x · w_a;   w = w_a · exp(min(σ_s · t_w, ln(1000/16)));                  then cut to the picture (clip)
//
// anchors f32 [B or 1, N, 4], code f32 [B, N, 4]: boxes or shifts → out f32 [B, N, 4]; side f32 [B, N]: the shorter side of a decoded box
// Dispatch: one invocation for a box, `count` in rows of `width`.

struct Dims {
  count: u32, width: u32, boxes: u32, oneSet: u32, clip: u32,
  imageW: f32, imageH: f32, centre: f32, size: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> anchors: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> code: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> side: array<f32>;

fn anchorOf(n: u32) -> vec4<f32> { return anchors[select(n, n % dims.boxes, dims.oneSet != 0u)]; }

@compute @workgroup_size(64) fn encode(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let a = anchorOf(n);
  let b = code[n];
  let extent = a.zw - a.xy;
  let shift = 0.5f * ((b.xy + b.zw) - (a.xy + a.zw)) / extent;
  // A box without area, as a place that is not filled has, gives no infinity.
  let growth = log(max((b.zw - b.xy) / extent, vec2<f32>(1e-6f)));
  out[n] = vec4<f32>(shift / dims.centre, growth / dims.size);
}

@compute @workgroup_size(64) fn decode(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let a = anchorOf(n);
  let t = code[n];
  let extent = a.zw - a.xy;
  let centre = 0.5f * (a.xy + a.zw) + dims.centre * t.xy * extent;
  let half = 0.5f * extent * exp(min(dims.size * t.zw, vec2<f32>(4.135166556742356f)));
  var box = vec4<f32>(centre - half, centre + half);
  if (dims.clip != 0u) { box = clamp(box, vec4<f32>(0f), vec4<f32>(dims.imageW, dims.imageH, dims.imageW, dims.imageH)); }
  out[n] = box;
  side[n] = min(box.z - box.x, box.w - box.y);
}
