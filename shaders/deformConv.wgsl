//!include deform.wgsl
// Deformable convolution (Dai et al. 2017; modulated: Zhu et al. 2019) as a matrix product over taps and channels.
//
//   y[b, o, p] = Σ_{k, c} w[k, c, o] · m_k(b, d, p) · x_c(q_k(b, d, p)),      d the deformable group of channel c
//
// w  f32 [kH, kW, C/groups, O];   out f32 [B, O, oH, oW];   columns n = (b, p) run over the batch; the rest: include/deform.wgsl
//
// Entry points
//   workgroupTile  32 outputs by 64 columns for 64 invocations (4×8 each), operands through workgroup memory: each sample is taken once for
//                  32 outputs
//   columns        m_k · x_c(q_k) alone, f32 [B, groups, K, C/groups, oH · oW], for a plain product to follow: CPU adapters, which have no
//                  workgroup memory of their own, spend less on stored columns than on taking samples again. An invocation takes 8 channels of a run
// Dispatch: workgroupTile: x over columns, y over the outputs of a group, z over groups; columns: `count` invocations in rows of `width`.

@group(0) @binding(4) var<storage, read> w: array<f32>;
@group(0) @binding(6) var<storage, read_write> column: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) { out[index] = value; }
// @epilogue end

fn columnCount() -> u32 { return dims.batch * places(); }

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
    if (n + j < columnCount()) {
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
  let last = min(n, columnCount() - 1u);
  let b = last / places();
  return samplerOf(b, d, k, last - b * places());
}

@compute @workgroup_size(64) fn columns(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let p = i % places();
  let k = i / places() % taps();
  let perRun = (dims.run + 7u) / 8u;
  let tile = i / places() / taps() % (dims.channels / dims.run * perRun);
  let b = i / places() / taps() / (dims.channels / dims.run * perRun);
  let first = tile / perRun * dims.run + tile % perRun * 8u;
  let s = samplerOf(b, deformGroupOf(first), k, p);
  let at = columnOf(b, p, k, first);
  for (var c = 0u; c < min(8u, dims.run - tile % perRun * 8u); c++) { column[at + c * places()] = sampled(s, first + c); }
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
  let own = lane % 8u * 8u;
  for (var k = 0u; k < taps() * groupChannels(); k += 16u) {
    loadTiles(group, lane, k);
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
      let weights = tileW[i][lane / 8u];
      let v0 = vec4<f32>(tileX[i][own], tileX[i][own + 1u], tileX[i][own + 2u], tileX[i][own + 3u]);
      let v1 = vec4<f32>(tileX[i][own + 4u], tileX[i][own + 5u], tileX[i][own + 6u], tileX[i][own + 7u]);
      left = macOne(weights, v0, left);
      right = macOne(weights, v1, right);
    }
    workgroupBarrier();
  }
  let row = group.y * 32u + lane / 8u * 4u;
  storeBlock(group.z, row, group.x * 64u + own, left);
  storeBlock(group.z, row, group.x * 64u + own + 4u, right);
}
