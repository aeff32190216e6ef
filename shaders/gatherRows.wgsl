// Rows by index, batched: source [S, N, D], indices u32 [B, K] → out [B, K, D], out[b,k] = source[b or 0, indices[b,k]]; S is B or 1.
// Gradient by the source without atomics, in a fixed order: invocation (b, n, d) adds up the rows k with indices[b,k] = n:
//   dsource[b,n,d] = Σ_{k : indices[b,k] = n} dout[b,k,d]          (S = B)
// and for a shared table (S = 1) over all of b and k. An index of N or more gives a row of zeros and no gradient. That scans all picks for
// each row; where there are many, `listSum` adds up the same rows in the same order from the lists of inverseLists.wgsl.
// Dispatch: one invocation for an element of the result, rows of `width`.

struct Dims { count: u32, width: u32, rows: u32, picks: u32, depth: u32, oneTable: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read> cotangent: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read> order: array<u32>;
@group(0) @binding(5) var<storage, read> starts: array<u32>;

@compute @workgroup_size(64) fn gather(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let pick = i / dims.depth;
  let row = indices[pick];
  let batch = select(pick / dims.picks, 0u, dims.oneTable != 0u);
  if (row < dims.rows) {
    out[i] = source[(batch * dims.rows + row) * dims.depth + i % dims.depth];
  } else {
    out[i] = 0u;
  }
}

@compute @workgroup_size(64) fn scatterSum(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let d = i % dims.depth;
  let place = i / dims.depth;
  let row = place % dims.rows;
  let first = (place / dims.rows) * dims.picks;
  var sum = 0f;
  for (var k = 0u; k < dims.picks; k++) {
    if (indices[first + k] == row) { sum += cotangent[(first + k) * dims.depth + d]; }
  }
  gradient[i] = sum;
}

@compute @workgroup_size(64) fn listSum(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let d = i % dims.depth;
  let place = i / dims.depth;
  let batch = place / dims.rows;
  let list = batch * (dims.rows + 1u) + place % dims.rows;
  var sum = 0f;
  for (var e = starts[list]; e < starts[list + 1u]; e++) {
    sum += cotangent[(batch * dims.picks + order[batch * dims.picks + e]) * dims.depth + d];
  }
  gradient[i] = sum;
}
