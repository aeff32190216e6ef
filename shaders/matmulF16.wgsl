enable f16;
// C = A · B with both operands held as f16 in workgroup memory, products and sums in f32: A [M, K], B [K, N], C [M, N].
//
// The product of two f16 is exact in f32 (11 + 11 bits of 24), so that only the rounding of the operands differs from shaders/matmul.wgsl.
// Half the bytes of a tile make room for K in steps of 32 in the memory that 16 take in f32: half the barriers, half the reads of tiles.
//
//   workgroupTile   64×64 of C for a workgroup of 8×8 invocations (8×8 each). K and N divide by 4.
// Dispatch: x over column tiles, y over row tiles.

struct Dims { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> out4: array<vec4<f32>>;
fn store(index: u32, value: f32) { out[index] = value; }
fn store4(index: u32, value: vec4<f32>) { out4[index / 4u] = value; }
// @epilogue end

// rowsA[m][k/4]: A over four k; rowsB[k][n/4]: B over four n. Rows are one vec4 longer than needed: fewer bank conflicts.
var<workgroup> rowsA: array<array<vec4<f16>, 9>, 64>;
var<workgroup> rowsB: array<array<vec4<f16>, 17>, 32>;

// Places beyond the edge are zero: they add nothing to the sums.
fn loadTiles(top: u32, left: u32, k: u32, lane: u32) {
  for (var i = lane; i < 512u; i += 64u) {
    let rowA = top + i / 8u;
    let columnA = k + (i % 8u) * 4u;
    var valueA = vec4<f32>(0f);
    if (rowA < dims.M && columnA < dims.K) { valueA = a4[(rowA * dims.K + columnA) / 4u]; }
    rowsA[i / 8u][i % 8u] = vec4<f16>(valueA);
    let rowB = k + i / 16u;
    let columnB = left + (i % 16u) * 4u;
    var valueB = vec4<f32>(0f);
    if (rowB < dims.K && columnB < dims.N) { valueB = b4[(rowB * dims.N + columnB) / 4u]; }
    rowsB[i / 16u][i % 16u] = vec4<f16>(valueB);
  }
}

// Four rows of A over four k, as columns.
fn blockA(row: u32, q: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    vec4<f32>(rowsA[row][q]), vec4<f32>(rowsA[row + 1u][q]), vec4<f32>(rowsA[row + 2u][q]), vec4<f32>(rowsA[row + 3u][q]));
}

// Four rows of B over four n, as columns.
fn blockB(k: u32, q: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    vec4<f32>(rowsB[k][q]), vec4<f32>(rowsB[k + 1u][q]), vec4<f32>(rowsB[k + 2u][q]), vec4<f32>(rowsB[k + 3u][q]));
}

// c + b · a, each column by four fused multiply-adds.
fn mac(b: mat4x4<f32>, a: mat4x4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(macColumn(b, a[0], c[0]), macColumn(b, a[1], c[1]), macColumn(b, a[2], c[2]), macColumn(b, a[3], c[3]));
}

fn macColumn(b: mat4x4<f32>, a: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
  return fma(b[3], a.wwww, fma(b[2], a.zzzz, fma(b[1], a.yyyy, fma(b[0], a.xxxx, c))));
}

// rows: four rows of C as columns of the matrix.
fn storeBlock(row: u32, column: u32, rows: mat4x4<f32>) {
  if (column >= dims.N) { return; }
  let at = row * dims.N + column;
  if (row < dims.M) { store4(at, rows[0]); }
  if (row + 1u < dims.M) { store4(at + dims.N, rows[1]); }
  if (row + 2u < dims.M) { store4(at + 2u * dims.N, rows[2]); }
  if (row + 3u < dims.M) { store4(at + 3u * dims.N, rows[3]); }
}

@compute @workgroup_size(8, 8) fn workgroupTile(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let m = local.y * 8u;
  let q = local.x * 2u;
  var c00 = mat4x4<f32>();
  var c01 = mat4x4<f32>();
  var c10 = mat4x4<f32>();
  var c11 = mat4x4<f32>();
  for (var k = 0u; k < dims.K; k += 32u) {
    loadTiles(group.y * 64u, group.x * 64u, k, local.y * 8u + local.x);
    workgroupBarrier();
    let steps = min(8u, (dims.K - k) / 4u);
    for (var step = 0u; step < steps; step++) {
      let a0 = blockA(m, step);
      let a1 = blockA(m + 4u, step);
      let b0 = blockB(step * 4u, q);
      let b1 = blockB(step * 4u, q + 1u);
      c00 = mac(b0, a0, c00);
      c01 = mac(b1, a0, c01);
      c10 = mac(b0, a1, c10);
      c11 = mac(b1, a1, c11);
    }
    workgroupBarrier();
  }
  let row = group.y * 64u + m;
  let column = group.x * 64u + local.x * 8u;
  storeBlock(row, column, c00);
  storeBlock(row, column + 4u, c01);
  storeBlock(row + 4u, column, c10);
  storeBlock(row + 4u, column + 4u, c11);
}
