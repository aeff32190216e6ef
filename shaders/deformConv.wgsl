//!include deform.wgsl
// Deformable convolution (Dai et al. 2017; modulated: Zhu et al. 2019) as an implicit matrix product: no column matrix is stored.
//
//   y[b, o, p] = Σ_{k, c} w[k, c, o] · m_k(b, d, p) · x_c(q_k(b, d, p)),      d the deformable group of channel c
//
// w  f32 [kH, kW, C/groups, O];   out f32 [B, O, oH, oW];   columns n = (b, p) run over the batch; the rest: include/deform.wgsl
//
// Entry points
//   registerTile   4·BLOCKS outputs by 4 columns for each invocation, straight from storage: CPU adapters
//   workgroupTile  32 outputs by 64 columns for 64 invocations (4×8 each), operands through workgroup memory: each sample is taken once for
//                  32 outputs
// Dispatch: x over columns, y over the outputs of a group, z over groups.

override BLOCKS: u32 = 4u;
override WORKGROUP: u32 = 16u;

@group(0) @binding(4) var<storage, read> w: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) { out[index] = value; }
// @epilogue end

fn columns() -> u32 { return dims.batch * places(); }

// Four weights over outputs; outputs beyond the last read it and are not stored.
fn weightRows(at: u32, row: u32) -> vec4<f32> {
  let r = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), vec4<u32>(groupOutputs() - 1u)) + at;
  return vec4<f32>(w[r.x], w[r.y], w[r.z], w[r.w]);
}

// Rows as matrix columns, over four columns n.
fn macOne(weights: vec4<f32>, v: vec4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(
    fma(v, weights.xxxx, c[0]), fma(v, weights.yyyy, c[1]), fma(v, weights.zzzz, c[2]), fma(v, weights.wwww, c[3]));
}

fn storeBlock(group: u32, row: u32, n: u32, c: mat4x4<f32>) {
  for (var j = 0u; j < 4u; j++) {
    if (n + j < columns()) {
      let b = (n + j) / places();
      let at = (b * dims.outputs + group * groupOutputs() + row) * places() + n + j - b * places();
      for (var i = 0u; i < 4u; i++) {
        if (row + i < groupOutputs()) { store(at + i * places(), c[i][j]); }
      }
    }
  }
}

// Columns beyond the last read it and are not stored.
fn samplerAt(n: u32, d: u32, k: u32) -> Sampler {
  let column = min(n, columns() - 1u);
  let b = column / places();
  return samplerOf(b, d, k, column - b * places());
}

@compute @workgroup_size(WORKGROUP)
fn registerTile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = (group.x * WORKGROUP + lane) * 4u;
  let row = group.y * 4u * BLOCKS;
  let first = group.z * groupChannels();
  var c0 = mat4x4<f32>();
  var c1 = mat4x4<f32>();
  var c2 = mat4x4<f32>();
  var c3 = mat4x4<f32>();
  for (var k = 0u; k < taps(); k++) {
    for (var start = 0u; start < groupChannels(); start += dims.run) {
      let d = deformGroupOf(first + start);
      let s0 = samplerAt(n, d, k);
      let s1 = samplerAt(n + 1u, d, k);
      let s2 = samplerAt(n + 2u, d, k);
      let s3 = samplerAt(n + 3u, d, k);
      for (var s = start; s < start + dims.run; s++) {
        let c = first + s;
        let v = vec4<f32>(sampled(s0, c), sampled(s1, c), sampled(s2, c), sampled(s3, c));
        let at = (k * groupChannels() + s) * dims.outputs + group.z * groupOutputs();
        c0 = macOne(weightRows(at, row), v, c0);
        if (BLOCKS > 1u) { c1 = macOne(weightRows(at, row + 4u), v, c1); }
        if (BLOCKS > 2u) { c2 = macOne(weightRows(at, row + 8u), v, c2); }
        if (BLOCKS > 3u) { c3 = macOne(weightRows(at, row + 12u), v, c3); }
      }
    }
  }
  storeBlock(group.z, row, n, c0);
  if (BLOCKS > 1u) { storeBlock(group.z, row + 4u, n, c1); }
  if (BLOCKS > 2u) { storeBlock(group.z, row + 8u, n, c2); }
  if (BLOCKS > 3u) { storeBlock(group.z, row + 12u, n, c3); }
}

// ---- workgroup tile: k' = (k, s) in steps of 16 ----

// tileX[k'][column]: a row is longer than needed, for fewer bank conflicts. tileW[k'][row / 4].
var<workgroup> tileX: array<array<f32, 65>, 16>;
var<workgroup> tileW: array<array<vec4<f32>, 9>, 16>;

fn loadTiles(group: vec3<u32>, lane: u32, begin: u32) {
  let end = taps() * groupChannels();
  var held = Sampler();
  var heldRun = 0xffffffffu;
  for (var i = 0u; i < 16u; i++) {
    let at = min(begin + i, end - 1u);
    if (at / dims.run != heldRun) {
      heldRun = at / dims.run;
      held = samplerAt(group.x * 64u + lane, deformGroupOf(group.z * groupChannels() + at % groupChannels()), at / groupChannels());
    }
    let value = sampled(held, group.z * groupChannels() + at % groupChannels());
    tileX[i][lane] = select(0f, value, begin + i < end);
  }
  for (var i = lane / 8u; i < 16u; i += 8u) {
    let at = min(begin + i, end - 1u) * dims.outputs + group.z * groupOutputs();
    tileW[i][lane % 8u] = weightRows(at, group.y * 32u + lane % 8u * 4u);
  }
}

@compute @workgroup_size(64)
fn workgroupTile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  var left = mat4x4<f32>();
  var right = mat4x4<f32>();
  let column = lane % 8u * 8u;
  for (var k = 0u; k < taps() * groupChannels(); k += 16u) {
    loadTiles(group, lane, k);
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
      let weights = tileW[i][lane / 8u];
      let v0 = vec4<f32>(tileX[i][column], tileX[i][column + 1u], tileX[i][column + 2u], tileX[i][column + 3u]);
      let v1 = vec4<f32>(tileX[i][column + 4u], tileX[i][column + 5u], tileX[i][column + 6u], tileX[i][column + 7u]);
      left = macOne(weights, v0, left);
      right = macOne(weights, v1, right);
    }
    workgroupBarrier();
  }
  let row = group.y * 32u + lane / 8u * 4u;
  storeBlock(group.z, row, group.x * 64u + column, left);
  storeBlock(group.z, row, group.x * 64u + column + 4u, right);
}
