// Weighted sums of rows by index (PointNet++'s feature propagation, Qi et al. 2017, eq. 2, with K = 3):
//   out[b, n] = Σ_k w[b, n, k] · features[b, i[b, n, k]]
// features f32 [B, S, C], i u32 [B, N, K], w f32 [B, N, K] → out f32 [B, N, C]. An index of S or more adds nothing.
//   featureGradient  dfeatures[b, s] = Σ_{(n, k) : i[b, n, k] = s} w[b, n, k] · g[b, n], from the lists of inverseLists.wgsl, in their order
//   weightGradient   dw[b, n, k] = ⟨g[b, n], features[b, i[b, n, k]]⟩
// Dispatch: one invocation for an element of the result, rows of `width`.

struct Dims { count: u32, width: u32, rows: u32, targets: u32, depth: u32, near: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> features: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
@group(0) @binding(5) var<storage, read> order: array<u32>;
@group(0) @binding(6) var<storage, read> starts: array<u32>;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = i / dims.depth;
  let base = (row / dims.targets) * dims.rows;
  var sum = 0f;
  for (var k = 0u; k < dims.near; k++) {
    let s = indices[row * dims.near + k];
    if (s < dims.rows) { sum += weights[row * dims.near + k] * features[(base + s) * dims.depth + i % dims.depth]; }
  }
  out[i] = sum;
}

@compute @workgroup_size(64) fn featureGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = i / dims.depth;
  let cloud = row / dims.rows;
  let picks = dims.targets * dims.near;
  let list = cloud * (dims.rows + 1u) + row % dims.rows;
  var sum = 0f;
  for (var e = starts[list]; e < starts[list + 1u]; e++) {
    let pick = cloud * picks + order[cloud * picks + e];
    sum += weights[pick] * g[(pick / dims.near) * dims.depth + i % dims.depth];
  }
  out[i] = sum;
}

@compute @workgroup_size(64) fn weightGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = i / dims.near;
  let s = indices[i];
  var sum = 0f;
  if (s < dims.rows) {
    let source = ((row / dims.targets) * dims.rows + s) * dims.depth;
    for (var c = 0u; c < dims.depth; c++) { sum += g[row * dims.depth + c] * features[source + c]; }
  }
  out[i] = sum;
}
