// Gradient of layer normalisation.
//
//   h = (x − mean) · rstd,  g = dy · scale
//   dx = rstd · (g − mean_D(g) − h · mean_D(g · h)),   dscale = Σ_rows dy · h,   dshift = Σ_rows dy
//
// The saved mean is rounded, which would shift every h of a row alike; the row's own mean of h takes that back.
//
// x, dy, dx        f32 [rows, D];  mean, rstd f32 [rows];  scale, dscale, dshift f32 [D]
// partials         f32 [blocks · GROUPS, 2, D]: sums of dy·h and of dy over the rows of a block that a group takes
//
// parallel   one workgroup per block of ROWS rows: first LANES invocations a row sum h, g and g·h, then invocations take columns, and
//            GROUPS of them share out the block's rows
// serial4    one invocation per block of ROWS rows, no barriers; D and ROWS multiples of 4, GROUPS = 1
// finish     one invocation per column: sums the partials in order
//
struct Dims {
  rows: u32,
  columns: u32,
  width: u32,
  partialRows: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> scale4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> rstd: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> dy4: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> partials: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials4: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> dscale: array<f32>;
@group(0) @binding(2) var<storage, read_write> dshift: array<f32>;
// @epilogue begin
@group(0) @binding(7) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) {
  out[index] = value;
}
@group(0) @binding(7) var<storage, read_write> out4: array<vec4<f32>>;
fn store4(index: u32, value: vec4<f32>) {
  out4[index / 4u] = value;
}
// @epilogue end

override WORKGROUP: u32 = 64u;
override ROWS: u32 = 16u;
override LANES: u32 = 4u;
override GROUPS: u32 = 1u;

struct Row {
  mean: f32,
  rstd: f32,
  // Means over the row of h, of g, and of g times the corrected h.
  h: f32,
  g: f32,
  gh: f32,
}

// Per row and lane the sums of h, g and g·h.
var<workgroup> laneSums: array<vec3<f32>, ROWS * LANES>;
var<workgroup> block: array<Row, ROWS>;

fn finishRow(r: u32, row: u32) {
  var sums = laneSums[r * LANES];
  for (var lane = 1u; lane < LANES; lane++) {
    sums += laneSums[r * LANES + lane];
  }
  sums /= f32(dims.columns);
  block[r] = Row(mean[row], rstd[row], sums.x, sums.y, sums.z - sums.x * sums.y);
}

@compute @workgroup_size(WORKGROUP)
fn parallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let index = group.y * dims.width + group.x;
  let firstRow = index * ROWS;
  for (var unit = local; unit < ROWS * LANES; unit += WORKGROUP) {
    let row = firstRow + unit / LANES;
    if (row < dims.rows) {
      let m = mean[row];
      let s = rstd[row];
      let first = row * dims.columns;
      var sums = vec3<f32>();
      for (var i = unit % LANES; i < dims.columns; i += LANES) {
        let h = (x[first + i] - m) * s;
        let g = dy[first + i] * scale[i];
        sums += vec3<f32>(h, g, g * h);
      }
      laneSums[unit] = sums;
    }
  }
  workgroupBarrier();
  for (var r = local; r < ROWS; r += WORKGROUP) {
    if (firstRow + r < dims.rows) {
      finishRow(r, firstRow + r);
    }
  }
  workgroupBarrier();
  let perGroup = WORKGROUP / GROUPS;
  let part = local / perGroup;
  let end = min(ROWS, max(dims.rows, firstRow) - firstRow);
  if (part < GROUPS && end > 0u) {
    let slot = (index * GROUPS + part) * 2u * dims.columns;
    for (var i = local % perGroup; i < dims.columns; i += perGroup) {
      let factor = scale[i];
      var dyh = 0f;
      var dySum = 0f;
      for (var r = part; r < end; r += GROUPS) {
        let row = block[r];
        let at = (firstRow + r) * dims.columns + i;
        let d = dy[at];
        let h = (x[at] - row.mean) * row.rstd - row.h;
        dyh += d * h;
        dySum += d;
        store(at, row.rstd * (d * factor - row.g - h * row.gh));
      }
      partials[slot + i] = dyh;
      partials[slot + dims.columns + i] = dySum;
    }
  }
}

// Means over a row of h, of g, and of g times the corrected h, from vec4 sums.
fn meansOf(h: vec4<f32>, g: vec4<f32>, gh: vec4<f32>) -> vec3<f32> {
  let sums = vec3<f32>(
    h.x + h.y + (h.z + h.w),
    g.x + g.y + (g.z + g.w),
    gh.x + gh.y + (gh.z + gh.w),
  );
  let means = sums / f32(dims.columns);
  return vec3<f32>(means.xy, means.z - means.x * means.y);
}

@compute @workgroup_size(WORKGROUP)
fn serial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let index = id.y * dims.width + id.x;
  let firstRow = index * ROWS;
  if (firstRow >= dims.rows) {
    return;
  }
  let count = dims.columns / 4u;
  let end = min(firstRow + ROWS, dims.rows);
  let slot = index * 2u * count;
  // Four rows at a time share the loads of scale and of the partial sums. Rows beyond the end repeat the last one, with factor 0.
  for (var row = firstRow; row < end; row += 4u) {
    let r = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(end - 1u));
    let at = r * count;
    let m = vec4<f32>(mean[r.x], mean[r.y], mean[r.z], mean[r.w]);
    let s = vec4<f32>(rstd[r.x], rstd[r.y], rstd[r.z], rstd[r.w]);
    var h0 = vec4<f32>();
    var h1 = vec4<f32>();
    var h2 = vec4<f32>();
    var h3 = vec4<f32>();
    var g0 = vec4<f32>();
    var g1 = vec4<f32>();
    var g2 = vec4<f32>();
    var g3 = vec4<f32>();
    var gh0 = vec4<f32>();
    var gh1 = vec4<f32>();
    var gh2 = vec4<f32>();
    var gh3 = vec4<f32>();
    for (var i = 0u; i < count; i++) {
      let factor = scale4[i];
      let a0 = (x4[at.x + i] - m.x) * s.x;
      let a1 = (x4[at.y + i] - m.y) * s.y;
      let a2 = (x4[at.z + i] - m.z) * s.z;
      let a3 = (x4[at.w + i] - m.w) * s.w;
      let b0 = dy4[at.x + i] * factor;
      let b1 = dy4[at.y + i] * factor;
      let b2 = dy4[at.z + i] * factor;
      let b3 = dy4[at.w + i] * factor;
      h0 += a0;
      h1 += a1;
      h2 += a2;
      h3 += a3;
      g0 += b0;
      g1 += b1;
      g2 += b2;
      g3 += b3;
      gh0 += a0 * b0;
      gh1 += a1 * b1;
      gh2 += a2 * b2;
      gh3 += a3 * b3;
    }
    let c0 = meansOf(h0, g0, gh0);
    let c1 = meansOf(h1, g1, gh1);
    let c2 = meansOf(h2, g2, gh2);
    let c3 = meansOf(h3, g3, gh3);
    let here = select(vec4<f32>(0f), vec4<f32>(1f), vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(end));
    for (var i = 0u; i < count; i++) {
      let factor = scale4[i];
      let a0 = (x4[at.x + i] - m.x) * s.x - c0.x;
      let a1 = (x4[at.y + i] - m.y) * s.y - c1.x;
      let a2 = (x4[at.z + i] - m.z) * s.z - c2.x;
      let a3 = (x4[at.w + i] - m.w) * s.w - c3.x;
      let d0 = dy4[at.x + i];
      let d1 = dy4[at.y + i];
      let d2 = dy4[at.z + i];
      let d3 = dy4[at.w + i];
      var dyh = d0 * a0 * here.x + d1 * a1 * here.y + (d2 * a2 * here.z + d3 * a3 * here.w);
      var dySum = d0 * here.x + d1 * here.y + (d2 * here.z + d3 * here.w);
      if (row > firstRow) {
        dyh += partials4[slot + i];
        dySum += partials4[slot + count + i];
      }
      partials4[slot + i] = dyh;
      partials4[slot + count + i] = dySum;
      store4((at.x + i) * 4u, s.x * (d0 * factor - c0.y - a0 * c0.z));
      store4((at.y + i) * 4u, s.y * (d1 * factor - c1.y - a1 * c1.z));
      store4((at.z + i) * 4u, s.z * (d2 * factor - c2.y - a2 * c2.z));
      store4((at.w + i) * 4u, s.w * (d3 * factor - c3.y - a3 * c3.z));
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn finish(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.y * dims.width + id.x;
  if (column >= dims.columns) {
    return;
  }
  var dyh = 0f;
  var dySum = 0f;
  for (var p = 0u; p < dims.partialRows; p++) {
    dyh += partials[p * 2u * dims.columns + column];
    dySum += partials[p * 2u * dims.columns + dims.columns + column];
  }
  dscale[column] = dyh;
  dshift[column] = dySum;
}
