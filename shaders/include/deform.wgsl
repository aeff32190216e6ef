// What the kernels of deformable convolution share: shapes, and where a tap reads.
//
//   q_k(b, d, p) = p · stride − padding + k · dilation + Δ_k(b, d, p)                  tap k of deformable group d at place p
//   x_c(q)       = Σ_r x_c[r] · max(0, 1 − |q_y − r_y|) · max(0, 1 − |q_x − r_x|)       0 outside; live where −1 < q < (H, W)
//
// x       f32 [B, C, iH, iW]
// offset  f32 [B, 2 · G · K, oH, oW]: channel 2 (d · K + k) is the tap's Δy, the next its Δx;  K = kH · kW, G deformable groups
// mask    f32 [B, G · K, oH, oW], read where MASKED (modulation, version 2)
// A run of `run` channels lies within one group of the weights and one deformable group.

struct Dims {
  batch: u32, channels: u32, outputs: u32, groups: u32, deformGroups: u32, run: u32,
  iH: u32, iW: u32, oH: u32, oW: u32, kH: u32, kW: u32,
  strideH: i32, strideW: i32, paddingH: i32, paddingW: i32, dilationH: i32, dilationW: i32,
  count: u32, width: u32, splits: u32, chunk: u32,
}

override MASKED: bool = false;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> offset: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;

fn pixels() -> u32 { return dims.iH * dims.iW; }
fn places() -> u32 { return dims.oH * dims.oW; }
fn taps() -> u32 { return dims.kH * dims.kW; }
// Channels of one group: of x and of y.
fn groupChannels() -> u32 { return dims.channels / dims.groups; }
fn groupOutputs() -> u32 { return dims.outputs / dims.groups; }
fn deformGroupOf(channel: u32) -> u32 { return channel / (dims.channels / dims.deformGroups); }

// (y, x) of a sampling point.
fn pointOf(b: u32, d: u32, k: u32, p: u32) -> vec2<f32> {
  let at = ((b * dims.deformGroups + d) * taps() + k) * 2u * places() + p;
  let y = i32(p / dims.oW) * dims.strideH - dims.paddingH + i32(k / dims.kW) * dims.dilationH;
  let column = i32(p % dims.oW) * dims.strideW - dims.paddingW + i32(k % dims.kW) * dims.dilationW;
  return vec2<f32>(f32(y) + offset[at], f32(column) + offset[at + places()]);
}

fn isLive(q: vec2<f32>) -> bool {
  return all(q > vec2<f32>(-1f)) && all(q < vec2<f32>(f32(dims.iH), f32(dims.iW)));
}

fn modulation(b: u32, d: u32, k: u32, p: u32) -> f32 {
  if (!MASKED) { return 1f; }
  return mask[((b * dims.deformGroups + d) * taps() + k) * places() + p];
}

// The corners (y0, x0), (y0, x1), (y1, x0), (y1, x1) around a point: places in a channel of x, 1 where they lie inside, else 0; and the
// point's way into its cell.
struct Corners { at: vec4<u32>, inside: vec4<f32>, fraction: vec2<f32> }

fn cornersOf(q: vec2<f32>) -> Corners {
  let live = isLive(q);
  let safe = select(vec2<f32>(0f), q, live);
  let low = floor(safe);
  let y = vec4<i32>(i32(low.x)) + vec4<i32>(0i, 0i, 1i, 1i);
  let column = vec4<i32>(i32(low.y)) + vec4<i32>(0i, 1i, 0i, 1i);
  let inside = (y >= vec4<i32>(0i)) & (y < vec4<i32>(i32(dims.iH))) & (column >= vec4<i32>(0i))
    & (column < vec4<i32>(i32(dims.iW))) & vec4<bool>(live);
  let at = select(vec4<i32>(0i), y * i32(dims.iW) + column, inside);
  return Corners(vec4<u32>(at), select(vec4<f32>(0f), vec4<f32>(1f), inside), safe - low);
}

fn bilinear(c: Corners) -> vec4<f32> {
  let f = c.fraction;
  let g = vec2<f32>(1f) - f;
  return c.inside * vec4<f32>(g.x * g.y, g.x * f.y, f.x * g.y, f.x * f.y);
}

fn cornerValues(at: vec4<u32>) -> vec4<f32> { return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]); }

// What a tap reads of any channel: places in the first channel of picture b, and weights with the modulation in them.
struct Sampler { at: vec4<u32>, weight: vec4<f32> }

fn samplerOf(b: u32, d: u32, k: u32, p: u32) -> Sampler {
  let c = cornersOf(pointOf(b, d, k, p));
  return Sampler(c.at + b * dims.channels * pixels(), bilinear(c) * modulation(b, d, k, p));
}

fn sampled(s: Sampler, channel: u32) -> f32 { return dot(s.weight, cornerValues(s.at + channel * pixels())); }

// Element of a column matrix [B, groups, K, C/groups, oH · oW]; the next channel of the run lies `places` further.
fn columnOf(b: u32, p: u32, k: u32, channel: u32) -> u32 {
  let group = channel / groupChannels();
  return (((b * dims.groups + group) * taps() + k) * groupChannels() + channel - group * groupChannels()) * places() + p;
}
