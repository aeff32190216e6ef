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
// gradient, gradient4   one workgroup per block of ROWS rows. First LANES invocations a row sum g, h and g·h; then invocations take
//                       columns (4 columns in gradient4, D a multiple of 4), and GROUPS of them share out the block's rows.
// finish                one invocation per column: sums the partials in order
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
fn gradient(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
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

@compute @workgroup_size(WORKGROUP)
fn gradient4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let index = group.y * dims.width + group.x;
  let firstRow = index * ROWS;
  let count = dims.columns / 4u;
  for (var unit = local; unit < ROWS * LANES; unit += WORKGROUP) {
    let row = firstRow + unit / LANES;
    if (row < dims.rows) {
      let m = mean[row];
      let s = rstd[row];
      let first = row * count;
      var hSum = vec4<f32>();
      var gSum = vec4<f32>();
      var ghSum = vec4<f32>();
      for (var i = unit % LANES; i < count; i += LANES) {
        let h = (x4[first + i] - m) * s;
        let g = dy4[first + i] * scale4[i];
        hSum += h;
        gSum += g;
        ghSum += g * h;
      }
      laneSums[unit] = vec3<f32>(
        hSum.x + hSum.y + (hSum.z + hSum.w),
        gSum.x + gSum.y + (gSum.z + gSum.w),
        ghSum.x + ghSum.y + (ghSum.z + ghSum.w),
      );
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
    let slot = (index * GROUPS + part) * 2u * count;
    for (var i = local % perGroup; i < count; i += perGroup) {
      let factor = scale4[i];
      var dyh = vec4<f32>();
      var dySum = vec4<f32>();
      for (var r = part; r < end; r += GROUPS) {
        let row = block[r];
        let at = (firstRow + r) * count + i;
        let d = dy4[at];
        let h = (x4[at] - row.mean) * row.rstd - row.h;
        dyh += d * h;
        dySum += d;
        store4(at * 4u, row.rstd * (d * factor - row.g - h * row.gh));
      }
      partials4[slot + i] = dyh;
      partials4[slot + count + i] = dySum;
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
