// One copy for permute, slice and pad: each element of the output, at coordinates c, takes
//   source[Σ_k (c_k − before_k) · stride_k]   if 0 ≤ c_k − before_k < extent_k for all k,   else the fill.
// Words are copied as they are, so that f32, u32 and i32 all keep their bits. Up to six dimensions, the innermost first (suffix 0);
// those that lie together in memory were joined beforehand. Dispatch: one invocation for an element, rows of `width`.

struct Dims {
  count: u32, width: u32, rank: u32, fill: u32,
  size0: u32, size1: u32, size2: u32, size3: u32, size4: u32, size5: u32,
  stride0: u32, stride1: u32, stride2: u32, stride3: u32, stride4: u32, stride5: u32,
  before0: i32, before1: i32, before2: i32, before3: i32, before4: i32, before5: i32,
  extent0: u32, extent1: u32, extent2: u32, extent3: u32, extent4: u32, extent5: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;

// What is left of the index, the place in the source so far, and whether the element lies inside it.
struct Walk { rest: u32, place: u32, inside: bool }

fn along(walk: Walk, size: u32, stride: u32, before: i32, extent: u32) -> Walk {
  let c = i32(walk.rest % size) - before;
  let inside = walk.inside && c >= 0 && u32(c) < extent;
  return Walk(walk.rest / size, walk.place + select(0u, u32(c) * stride, inside), inside);
}

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  var walk = along(Walk(i, 0u, true), dims.size0, dims.stride0, dims.before0, dims.extent0);
  if (dims.rank > 1u) { walk = along(walk, dims.size1, dims.stride1, dims.before1, dims.extent1); }
  if (dims.rank > 2u) { walk = along(walk, dims.size2, dims.stride2, dims.before2, dims.extent2); }
  if (dims.rank > 3u) { walk = along(walk, dims.size3, dims.stride3, dims.before3, dims.extent3); }
  if (dims.rank > 4u) { walk = along(walk, dims.size4, dims.stride4, dims.before4, dims.extent4); }
  if (dims.rank > 5u) { walk = along(walk, dims.size5, dims.stride5, dims.before5, dims.extent5); }
  if (walk.inside) { out[i] = source[walk.place]; } else { out[i] = dims.fill; }
}
