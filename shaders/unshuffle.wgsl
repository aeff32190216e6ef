// Rows back in their places, with one shared token where nothing was kept (MAE's decoder input):
//   out[b,l] = rows[b, restore[b,l]]  if restore[b,l] < K, else token          rows [B, K, D], restore u32 [B, L], token [D], out [B, L, D]
// restore is a permutation in each image, so that the gradient by the rows is a gather too (order = its inverse):
//   drows[b,k] = dout[b, l with restore[b,l] = k],      dtoken = Σ over all (b,l) with restore[b,l] ≥ K of dout[b,l]
// The token's sum runs in two steps in a fixed order: one partial sum for an image (entry tokenPartials), then over images (a reduction).
// Dispatch: one invocation for an element of the result, rows of `width`.

struct Dims { count: u32, width: u32, kept: u32, places: u32, depth: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> token: array<f32>;
@group(0) @binding(3) var<storage, read> restore: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> cotangent: array<f32>;

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let d = i % dims.depth;
  let place = i / dims.depth;
  let row = restore[place];
  if (row < dims.kept) {
    out[i] = rows[((place / dims.places) * dims.kept + row) * dims.depth + d];
  } else {
    out[i] = token[d];
  }
}

@compute @workgroup_size(64) fn rowGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let d = i % dims.depth;
  let place = i / dims.depth;
  let first = (place / dims.kept) * dims.places;
  var l = 0u;
  while (l + 1u < dims.places && restore[first + l] != place % dims.kept) { l++; }
  out[i] = cotangent[(first + l) * dims.depth + d];
}

@compute @workgroup_size(64) fn tokenPartials(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let d = i % dims.depth;
  let first = (i / dims.depth) * dims.places;
  var sum = 0f;
  for (var l = 0u; l < dims.places; l++) {
    if (restore[first + l] >= dims.kept) { sum += cotangent[(first + l) * dims.depth + d]; }
  }
  out[i] = sum;
}
