// C[z] = op(A[z]) · op(B[z]), op(X) = X or Xᵀ, per batch z: op(A) [M, K], op(B) [K, N], C [M, N], f32 throughout.
//
// Every invocation (or workgroup) works on blocks of 4×4 through WGSL's own matrix product. With the four rows of a block of A as the
// columns of a mat4x4 (each over four k) and four rows of B as the columns of another (each over four n),
//     C block, rows as columns  +=  Bmat · Amat .
//
// Entry points
//   registerTile   8×8 of C for each invocation, straight from storage, vec4 loads: best where caches do the sharing (CPU adapters)
//   smallTile      4×4 of C for each invocation, vec4 loads: small outputs
//   scalarTile     4×4, scalar loads, any size and alignment
//   workgroupTile  64×64 of C for a workgroup of 8×8 invocations (8×8 each), operands through workgroup memory: real GPUs
//   …Sums          the same and also the column sums of op(B): Σ_k B[k, n], by the tiles of row 0 (the bias gradient)
//   sumSplits…     C = Σ_s part[s], where the K axis was cut into `splits` parts for want of tiles (split-K)
// vec4 loads need the contiguous axis of each operand to divide by 4, and N too (stores).
// Dispatch: x over column tiles, y over row tiles, z = batch · splits + split.

struct Dims {
  M: u32, N: u32, K: u32,
  batchA: u32, batchB: u32,     // elements from one batch to the next, 0 for a shared operand
  splits: u32, chunk: u32,      // parts of K, and the length of each (a multiple of 4)
}

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;
// Whether K may leave a rest of four: half of the tile's code is for it, and CPU adapters take seconds to compile that.
override TAIL: bool = true;
override WX: u32 = 4u;
override WY: u32 = 4u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> columnSums: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> out4: array<vec4<f32>>;
fn store(index: u32, value: f32) { out[index] = value; }
fn store4(index: u32, value: vec4<f32>) { out4[index / 4u] = value; }
// @epilogue end

// ---- vec4 loads: rows of op(A) over four k, rows of op(B) over four n. Places beyond the edge read the last whole one: their
// products are never stored (rows, columns) or are zeroed (k). ----

fn blockA(origin: u32, row: u32, k: u32, end: u32) -> mat4x4<f32> {
  if (TRANSPOSE_A) {
    let column = min(row, dims.M - 4u);
    let bottom = dims.K - 1u;
    return transpose(mat4x4<f32>(
      a4[(origin + min(k, bottom) * dims.M + column) / 4u],
      select(vec4<f32>(0f), a4[(origin + min(k + 1u, bottom) * dims.M + column) / 4u], k + 1u < end),
      select(vec4<f32>(0f), a4[(origin + min(k + 2u, bottom) * dims.M + column) / 4u], k + 2u < end),
      select(vec4<f32>(0f), a4[(origin + min(k + 3u, bottom) * dims.M + column) / 4u], k + 3u < end)));
  }
  let last = dims.M - 1u;
  return mat4x4<f32>(
    a4[(origin + min(row, last) * dims.K + k) / 4u], a4[(origin + min(row + 1u, last) * dims.K + k) / 4u],
    a4[(origin + min(row + 2u, last) * dims.K + k) / 4u], a4[(origin + min(row + 3u, last) * dims.K + k) / 4u]);
}

fn blockB(origin: u32, k: u32, column: u32, end: u32) -> mat4x4<f32> {
  if (TRANSPOSE_B) {
    let last = dims.N - 1u;
    return transpose(mat4x4<f32>(
      b4[(origin + min(column, last) * dims.K + k) / 4u], b4[(origin + min(column + 1u, last) * dims.K + k) / 4u],
      b4[(origin + min(column + 2u, last) * dims.K + k) / 4u], b4[(origin + min(column + 3u, last) * dims.K + k) / 4u]));
  }
  let at = origin + min(column, dims.N - 4u);
  let last = dims.K - 1u;
  return mat4x4<f32>(
    b4[(at + min(k, last) * dims.N) / 4u],
    select(vec4<f32>(0f), b4[(at + min(k + 1u, last) * dims.N) / 4u], k + 1u < end),
    select(vec4<f32>(0f), b4[(at + min(k + 2u, last) * dims.N) / 4u], k + 2u < end),
    select(vec4<f32>(0f), b4[(at + min(k + 3u, last) * dims.N) / 4u], k + 3u < end));
}

fn scalarA(origin: u32, row: u32, k: u32, end: u32) -> f32 {
  let r = min(row, dims.M - 1u);
  let c = min(k, dims.K - 1u);
  let value = a[origin + select(r * dims.K + c, c * dims.M + r, TRANSPOSE_A)];
  return select(0f, value, k < end);
}

fn scalarB(origin: u32, k: u32, column: u32, end: u32) -> f32 {
  let r = min(k, dims.K - 1u);
  let c = min(column, dims.N - 1u);
  let value = b[origin + select(r * dims.N + c, c * dims.K + r, TRANSPOSE_B)];
  return select(0f, value, k < end);
}

// ---- where a tile is, and what goes out ----

struct Part { originA: u32, originB: u32, out: u32, begin: u32, end: u32, sums: u32 }

fn partOf(z: u32) -> Part {
  let batch = z / dims.splits;
  let begin = (z % dims.splits) * dims.chunk;
  return Part(batch * dims.batchA, batch * dims.batchB, z * dims.M * dims.N, begin, min(begin + dims.chunk, dims.K), z * dims.N);
}

// rows: four rows of C as columns of the matrix.
fn storeBlock4(part: Part, row: u32, column: u32, rows: mat4x4<f32>) {
  if (column >= dims.N) { return; }
  let at = part.out + row * dims.N + column;
  if (row < dims.M) { store4(at, rows[0]); }
  if (row + 1u < dims.M) { store4(at + dims.N, rows[1]); }
  if (row + 2u < dims.M) { store4(at + 2u * dims.N, rows[2]); }
  if (row + 3u < dims.M) { store4(at + 3u * dims.N, rows[3]); }
}

fn storeRow(part: Part, row: u32, column: u32, values: vec4<f32>) {
  if (row >= dims.M) { return; }
  let at = part.out + row * dims.N + column;
  if (column < dims.N) { store(at, values.x); }
  if (column + 1u < dims.N) { store(at + 1u, values.y); }
  if (column + 2u < dims.N) { store(at + 2u, values.z); }
  if (column + 3u < dims.N) { store(at + 3u, values.w); }
}

fn storeSums(part: Part, column: u32, sums: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    if (column + i < dims.N) { columnSums[part.sums + column + i] = sums[i]; }
  }
}

// c + b · a, each column by four fused multiply-adds.
fn mac(b: mat4x4<f32>, a: mat4x4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(macColumn(b, a[0], c[0]), macColumn(b, a[1], c[1]), macColumn(b, a[2], c[2]), macColumn(b, a[3], c[3]));
}

fn macColumn(b: mat4x4<f32>, a: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
  return fma(b[3], a.wwww, fma(b[2], a.zzzz, fma(b[1], a.yyyy, fma(b[0], a.xxxx, c))));
}

// ---- register tiles ----

struct Tile8 { c00: mat4x4<f32>, c01: mat4x4<f32>, c10: mat4x4<f32>, c11: mat4x4<f32>, sums0: vec4<f32>, sums1: vec4<f32> }

// Where the loads of a tile begin, in units of vec4: four rows where the operand runs along k, else x is its column.
fn loadsA(origin: u32, row: u32) -> vec4<u32> {
  if (TRANSPOSE_A) { return vec4<u32>((origin + min(row, dims.M - 4u)) / 4u); }
  return (origin + min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), vec4<u32>(dims.M - 1u)) * dims.K) / 4u;
}

fn loadsB(origin: u32, column: u32) -> vec4<u32> {
  if (!TRANSPOSE_B) { return vec4<u32>((origin + min(column, dims.N - 4u)) / 4u); }
  return (origin + min(vec4<u32>(column, column + 1u, column + 2u, column + 3u), vec4<u32>(dims.N - 1u)) * dims.K) / 4u;
}

// As blockA and blockB for four k that all lie within, without a check for each load.
fn insideA(at: vec4<u32>, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_A) {
    let line = dims.M / 4u;
    let first = at.x + k * line;
    return transpose(mat4x4<f32>(a4[first], a4[first + line], a4[first + 2u * line], a4[first + 3u * line]));
  }
  let q = k / 4u;
  return mat4x4<f32>(a4[at.x + q], a4[at.y + q], a4[at.z + q], a4[at.w + q]);
}

fn insideB(at: vec4<u32>, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_B) {
    let q = k / 4u;
    return transpose(mat4x4<f32>(b4[at.x + q], b4[at.y + q], b4[at.z + q], b4[at.w + q]));
  }
  let line = dims.N / 4u;
  let first = at.x + k * line;
  return mat4x4<f32>(b4[first], b4[first + line], b4[first + 2u * line], b4[first + 3u * line]);
}

fn tile8(part: Part, row: u32, column: u32, summing: bool) -> Tile8 {
  var t = Tile8();
  let atA0 = loadsA(part.originA, row);
  let atA1 = loadsA(part.originA, row + 4u);
  let atB0 = loadsB(part.originB, column);
  let atB1 = loadsB(part.originB, column + 4u);
  let whole = part.end - (part.end - part.begin) % 4u;
  for (var k = part.begin; k < whole; k += 4u) {
    let b0 = insideB(atB0, k);
    let b1 = insideB(atB1, k);
    let a0 = insideA(atA0, k);
    t.c00 = mac(b0, a0, t.c00);
    t.c01 = mac(b1, a0, t.c01);
    let a1 = insideA(atA1, k);
    t.c10 = mac(b0, a1, t.c10);
    t.c11 = mac(b1, a1, t.c11);
    if (summing) {
      t.sums0 += b0 * vec4<f32>(1f);
      t.sums1 += b1 * vec4<f32>(1f);
    }
  }
  if (TAIL && whole < part.end) {
    let b0 = blockB(part.originB, whole, column, part.end);
    let b1 = blockB(part.originB, whole, column + 4u, part.end);
    let a0 = blockA(part.originA, row, whole, part.end);
    let a1 = blockA(part.originA, row + 4u, whole, part.end);
    t.c00 = mac(b0, a0, t.c00);
    t.c01 = mac(b1, a0, t.c01);
    t.c10 = mac(b0, a1, t.c10);
    t.c11 = mac(b1, a1, t.c11);
    t.sums0 += b0 * vec4<f32>(1f);
    t.sums1 += b1 * vec4<f32>(1f);
  }
  return t;
}

fn storeTile8(part: Part, row: u32, column: u32, t: Tile8) {
  storeBlock4(part, row, column, t.c00);
  storeBlock4(part, row, column + 4u, t.c01);
  storeBlock4(part, row + 4u, column, t.c10);
  storeBlock4(part, row + 4u, column + 4u, t.c11);
}

@compute @workgroup_size(WX, WY) fn registerTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 8u;
  let column = id.x * 8u;
  if (row >= dims.M || column >= dims.N) { return; }
  storeTile8(part, row, column, tile8(part, row, column, false));
}

@compute @workgroup_size(WX, WY) fn registerTileSums(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 8u;
  let column = id.x * 8u;
  if (row >= dims.M || column >= dims.N) { return; }
  let t = tile8(part, row, column, row == 0u);
  storeTile8(part, row, column, t);
  if (row == 0u) {
    storeSums(part, column, t.sums0);
    storeSums(part, column + 4u, t.sums1);
  }
}

@compute @workgroup_size(WX, WY) fn smallTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 4u;
  let column = id.x * 4u;
  if (row >= dims.M || column >= dims.N) { return; }
  var c = mat4x4<f32>();
  for (var k = part.begin; k < part.end; k += 4u) {
    c = mac(blockB(part.originB, k, column, part.end), blockA(part.originA, row, k, part.end), c);
  }
  storeBlock4(part, row, column, c);
}

@compute @workgroup_size(WX, WY) fn smallTileSums(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 4u;
  let column = id.x * 4u;
  if (row >= dims.M || column >= dims.N) { return; }
  var c = mat4x4<f32>();
  var sums = vec4<f32>();
  for (var k = part.begin; k < part.end; k += 4u) {
    let block = blockB(part.originB, k, column, part.end);
    c = mac(block, blockA(part.originA, row, k, part.end), c);
    sums += block * vec4<f32>(1f);
  }
  storeBlock4(part, row, column, c);
  if (row == 0u) { storeSums(part, column, sums); }
}

// ---- scalar tiles ----

struct Tile4 { rows: mat4x4<f32>, sums: vec4<f32> }

fn tile4(part: Part, row: u32, column: u32) -> Tile4 {
  var t = Tile4();
  for (var k = part.begin; k < part.end; k++) {
    let bRow = vec4<f32>(
      scalarB(part.originB, k, column, part.end), scalarB(part.originB, k, column + 1u, part.end),
      scalarB(part.originB, k, column + 2u, part.end), scalarB(part.originB, k, column + 3u, part.end));
    t.rows[0] += bRow * scalarA(part.originA, row, k, part.end);
    t.rows[1] += bRow * scalarA(part.originA, row + 1u, k, part.end);
    t.rows[2] += bRow * scalarA(part.originA, row + 2u, k, part.end);
    t.rows[3] += bRow * scalarA(part.originA, row + 3u, k, part.end);
    t.sums += bRow;
  }
  return t;
}

fn storeTile4(part: Part, row: u32, column: u32, t: Tile4) {
  storeRow(part, row, column, t.rows[0]);
  storeRow(part, row + 1u, column, t.rows[1]);
  storeRow(part, row + 2u, column, t.rows[2]);
  storeRow(part, row + 3u, column, t.rows[3]);
}

@compute @workgroup_size(WX, WY) fn scalarTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 4u;
  let column = id.x * 4u;
  if (row >= dims.M || column >= dims.N) { return; }
  storeTile4(part, row, column, tile4(part, row, column));
}

@compute @workgroup_size(WX, WY) fn scalarTileSums(@builtin(global_invocation_id) id: vec3<u32>) {
  let part = partOf(id.z);
  let row = id.y * 4u;
  let column = id.x * 4u;
  if (row >= dims.M || column >= dims.N) { return; }
  let t = tile4(part, row, column);
  storeTile4(part, row, column, t);
  if (row == 0u) { storeSums(part, column, t.sums); }
}

// ---- workgroup tile: 64×64 of C, K in steps of 16, 8×8 invocations of 8×8 each ----

// rowsA[m][k/4]: op(A) over four k; rowsB[k][n/4]: op(B) over four n. Rows are one vec4 longer than needed: fewer bank conflicts.
var<workgroup> rowsA: array<array<vec4<f32>, 5>, 64>;
var<workgroup> rowsB: array<array<vec4<f32>, 17>, 16>;

fn loadTiles(part: Part, top: u32, left: u32, k: u32, lane: u32) {
  // 16 blocks of 4×4 down M by 4 across K for A, 4 by 16 for B: one of each for every invocation.
  let ka = (lane % 4u) * 4u;
  let ma = (lane / 4u) * 4u;
  let blockOfA = blockA(part.originA, top + ma, min(k + ka, lastBlock()), part.end);
  for (var i = 0u; i < 4u; i++) {
    rowsA[ma + i][ka / 4u] = select(vec4<f32>(0f), blockOfA[i], k + ka < part.end);
  }
  let nb = (lane % 16u) * 4u;
  let kb = (lane / 16u) * 4u;
  let blockOfB = blockB(part.originB, min(k + kb, lastBlock()), left + nb, part.end);
  for (var i = 0u; i < 4u; i++) {
    rowsB[kb + i][nb / 4u] = select(vec4<f32>(0f), blockOfB[i], k + kb < part.end);
  }
}

fn lastBlock() -> u32 {
  return ((dims.K - 1u) / 4u) * 4u;
}

fn tile64(part: Part, group: vec3<u32>, local: vec2<u32>, summing: bool) -> Tile8 {
  var t = Tile8();
  let lane = local.y * 8u + local.x;
  for (var k = part.begin; k < part.end; k += 16u) {
    loadTiles(part, group.y * 64u, group.x * 64u, k, lane);
    workgroupBarrier();
    for (var step = 0u; step < 4u; step++) {
      let m = local.y * 8u;
      let n = local.x * 2u;
      let a0 = mat4x4<f32>(rowsA[m][step], rowsA[m + 1u][step], rowsA[m + 2u][step], rowsA[m + 3u][step]);
      let a1 = mat4x4<f32>(rowsA[m + 4u][step], rowsA[m + 5u][step], rowsA[m + 6u][step], rowsA[m + 7u][step]);
      let kk = step * 4u;
      let b0 = mat4x4<f32>(rowsB[kk][n], rowsB[kk + 1u][n], rowsB[kk + 2u][n], rowsB[kk + 3u][n]);
      let b1 = mat4x4<f32>(rowsB[kk][n + 1u], rowsB[kk + 1u][n + 1u], rowsB[kk + 2u][n + 1u], rowsB[kk + 3u][n + 1u]);
      t.c00 = mac(b0, a0, t.c00);
      t.c01 = mac(b1, a0, t.c01);
      t.c10 = mac(b0, a1, t.c10);
      t.c11 = mac(b1, a1, t.c11);
      if (summing) {
        t.sums0 += b0 * vec4<f32>(1f);
        t.sums1 += b1 * vec4<f32>(1f);
      }
    }
    workgroupBarrier();
  }
  return t;
}

@compute @workgroup_size(8, 8) fn workgroupTile(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let part = partOf(group.z);
  let t = tile64(part, group, local.xy, false);
  storeTile8(part, group.y * 64u + local.y * 8u, group.x * 64u + local.x * 8u, t);
}

@compute @workgroup_size(8, 8) fn workgroupTileSums(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let part = partOf(group.z);
  let t = tile64(part, group, local.xy, group.y == 0u);
  let column = group.x * 64u + local.x * 8u;
  storeTile8(part, group.y * 64u + local.y * 8u, column, t);
  if (group.y == 0u && local.y == 0u) {
    storeSums(part, column, t.sums0);
    storeSums(part, column + 4u, t.sums1);
  }
}

// ---- split-K: the parts (as `a`) in order, and those of the column sums (as `b`). One invocation for an element, batches in y. ----

fn sumOfParts(batch: u32, i: u32) {
  let size = dims.M * dims.N;
  var sum = 0f;
  for (var s = 0u; s < dims.splits; s++) { sum += a[(batch * dims.splits + s) * size + i]; }
  store(batch * size + i, sum);
}

@compute @workgroup_size(64) fn sumSplits(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < dims.M * dims.N) { sumOfParts(id.y, id.x); }
}

@compute @workgroup_size(64) fn sumSplitsSums(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < dims.M * dims.N) { sumOfParts(id.y, id.x); }
  if (id.x < dims.N) {
    var sum = 0f;
    for (var s = 0u; s < dims.splits; s++) { sum += b[s * dims.N + id.x]; }
    columnSums[id.x] = sum;
  }
}
