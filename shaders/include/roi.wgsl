// What the kernels of region pooling share: shapes, and the regions.
//
// rois  f32 [R, 5]: the picture's number in the batch and the box (x1, y1, x2, y2) in pixels of the image; `scale` is 1/stride of the map
// x     f32 [B, C, iH, iW], the map;   results f32 [R, outputs, bins, bins]

struct Dims {
  count: u32, width: u32, regions: u32, channels: u32, iH: u32, iW: u32, bins: u32, outputs: u32,
  samples: u32, variant: u32, group: u32, parts: u32, classes: u32, scale: f32, gamma: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> rois: array<f32>;

fn pictureOf(r: u32) -> u32 { return u32(rois[5u * r]); }
// Along an axis (0: x, 1: y) the box from its first to its second coordinate.
fn sideOf(r: u32, axis: u32) -> vec2<f32> { return vec2<f32>(rois[5u * r + 1u + axis], rois[5u * r + 3u + axis]); }
fn lengthOf(axis: u32) -> u32 { return select(dims.iW, dims.iH, axis == 1u); }
fn pixels() -> u32 { return dims.iH * dims.iW; }

// Half away from zero, as C has it.
fn roundAway(v: vec2<f32>) -> vec2<f32> { return sign(v) * floor(abs(v) + 0.5f); }

// An element of a result, (r, c, i, j), from its number.
struct Bin { r: u32, c: u32, i: u32, j: u32 }

fn binOf(n: u32) -> Bin {
  let row = n / dims.bins;
  let map = row / dims.bins;
  return Bin(map / dims.outputs, map % dims.outputs, row % dims.bins, n % dims.bins);
}

fn placeOf(b: Bin) -> u32 { return ((b.r * dims.outputs + b.c) * dims.bins + b.i) * dims.bins + b.j; }
