//!include deform.wgsl
// Gradient of deformable convolution by its weight, as an implicit matrix product with a long reduction.
//
//   dw[k, s, o] = Σ_{b, p} m_k(b, d, p) · x_c(q_k(b, d, p)) · dy[b, o, p]
//
// dy   f32 [B, O, oH, oW];   out f32 [kH, kW, C/groups, O], or one such array for each of `splits` parts of the reduction
//
// Entry points
//   workgroupTile  32 rows (k, s) by 64 outputs for 64 invocations (4×8 each), through workgroup memory, over `chunk` columns
//   sumSplits      out = Σ part
// Dispatch: workgroupTile: x over outputs, y over rows, z = group · splits + split; sumSplits: `count` elements of out, rows of `width`.
// CPU adapters take the columns of deformConv.wgsl and convWeight.wgsl instead.

@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> parts: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) { out[index] = value; }
// @epilogue end

// Adds the product of four channels and four outputs: columns of c are channels, over four outputs.
fn macOne(v: vec4<f32>, d: vec4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(fma(d, v.xxxx, c[0]), fma(d, v.yyyy, c[1]), fma(d, v.zzzz, c[2]), fma(d, v.wwww, c[3]));
}

// Four outputs of dy at a place; outputs beyond the group's last read it and are not stored.
fn loadDy(b: u32, group: u32, o: u32, p: u32) -> vec4<f32> {
  let four = min(vec4<u32>(o, o + 1u, o + 2u, o + 3u), vec4<u32>(groupOutputs() - 1u));
  let at = (b * dims.outputs + group * groupOutputs() + four) * places() + p;
  return vec4<f32>(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
}

// Four outputs of a row (k, s) of a part.
fn storeRow(part: u32, row: u32, group: u32, o: u32, values: vec4<f32>) {
  let at = (part * taps() * groupChannels() + row) * dims.outputs + group * groupOutputs() + o;
  for (var j = 0u; j < 4u; j++) {
    if (o + j < groupOutputs()) { store(at + j, values[j]); }
  }
}

fn storeRows(part: u32, row: u32, count: u32, group: u32, o: u32, c: mat4x4<f32>) {
  for (var i = 0u; i < count; i++) { storeRow(part, row + i, group, o, c[i]); }
}

// ---- workgroup tile: columns in steps of 16 ----

// valuesX[column][row], valuesDy[column][o / 4].
var<workgroup> valuesX: array<array<f32, 33>, 16>;
var<workgroup> valuesDy: array<array<vec4<f32>, 17>, 16>;

fn loadTiles(n: u32, end: u32, group: u32, row: u32, o: u32, lane: u32) {
  // Neighbouring invocations take neighbouring columns.
  let column = lane % 16u;
  let live = n + column < end;
  let at = min(n + column, end - 1u);
  let b = at / places();
  let p = at - b * places();
  let lastRow = taps() * groupChannels() - 1u;
  var held = Sampler();
  var heldRun = 0xffffffffu;
  for (var i = lane / 16u * 8u; i < lane / 16u * 8u + 8u; i++) {
    let r = min(row + i, lastRow);
    let channel = group * groupChannels() + r % groupChannels();
    if (r / dims.run != heldRun) {
      heldRun = r / dims.run;
      held = samplerOf(b, deformGroupOf(channel), r / groupChannels(), p);
    }
    valuesX[column][i] = select(0f, sampled(held, channel), live);
  }
  for (var i = lane / 16u; i < 16u; i += 4u) {
    valuesDy[column][i] = select(vec4<f32>(0f), loadDy(b, group, o + 4u * i, p), live);
  }
}

@compute @workgroup_size(64)
fn workgroupTile(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = id.z / dims.splits;
  let part = id.z % dims.splits;
  let begin = part * dims.chunk;
  let end = min(begin + dims.chunk, dims.batch * places());
  let own = lane / 8u * 4u;
  var left = mat4x4<f32>();
  var right = mat4x4<f32>();
  for (var n = begin; n < end; n += 16u) {
    loadTiles(n, end, group, id.y * 32u, id.x * 64u, lane);
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let v = vec4<f32>(valuesX[k][own], valuesX[k][own + 1u], valuesX[k][own + 2u], valuesX[k][own + 3u]);
      left = macOne(v, valuesDy[k][2u * (lane % 8u)], left);
      right = macOne(v, valuesDy[k][2u * (lane % 8u) + 1u], right);
    }
    workgroupBarrier();
  }
  let row = id.y * 32u + own;
  let rows = taps() * groupChannels();
  let count = min(4u, max(rows, row) - row);
  storeRows(part, row, count, group, id.x * 64u + lane % 8u * 8u, left);
  storeRows(part, row, count, group, id.x * 64u + lane % 8u * 8u + 4u, right);
}

@compute @workgroup_size(64) fn sumSplits(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  var sum = 0f;
  for (var s = 0u; s < dims.splits; s++) { sum += parts[s * dims.count + i]; }
  store(i, sum);
}
