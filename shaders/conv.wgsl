// Convolution over one, two or three spatial axes as an implicit matrix product: no column matrix is stored.
//
//   out[b, r, q] = Σ_{s, t} W[t, s, r] · x[b, s, position(q, t)],      x = 0 outside
//   position(q, t) = (q · multiply + offset + t · step) / divide       along each axis, where the division leaves no rest
//
// A convolution (cross-correlation) has multiply = stride, offset = −padding, step = dilation, divide = 1, rows r = output channels
// and sums over input channels s. Its gradient by the input, which is the transposed convolution, has multiply = 1, offset = padding,
// step = −dilation, divide = stride, and the channels' roles are exchanged: the same kernel under other numbers.
//
// x     f32 [B, groups · S, iD, iH, iW];   out f32 [B, groups · R, oD, oH, oW];   axes that are not there have length 1
// w     f32: element (t, s, r) of group g lies at t · tapStride + s · channelStride + r · rowStride + g · groupStride
// columns n = (b, q) run over all batches; a tap is t = (tz, ty, tx)
//
// Entry points (…4: four columns are stored at once, oD · oH · oW divides by 4)
//   registerTile, registerTile4    8×8 of out for each invocation (4×8 unless BOTH), straight from storage
//   workgroupTile, workgroupTile4  32×64 of out for 8×8 invocations (4×8 each), operands through workgroup memory: real GPUs
// Dispatch: x over columns, y over rows, z over groups. Rows come from the workgroup alone, so that its invocations share weights.

struct Dims {
  rows: u32, channels: u32, columns: u32, groups: u32,
  iD: u32, iH: u32, iW: u32,
  oD: u32, oH: u32, oW: u32,
  kD: u32, kH: u32, kW: u32,
  multiplyD: i32, multiplyH: i32, multiplyW: i32,
  offsetD: i32, offsetH: i32, offsetW: i32,
  stepD: i32, stepH: i32, stepW: i32,
  tapStride: u32, channelStride: u32, rowStride: u32, groupStride: u32,
}

override DIVIDE_D: i32 = 1;
override DIVIDE_H: i32 = 1;
override DIVIDE_W: i32 = 1;
// Whether there is a third axis.
override DEEP: bool = true;
// Whether a tile has more than four rows.
override BOTH: bool = true;
override WORKGROUP: u32 = 16u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> out4: array<vec4<f32>>;
fn store(index: u32, value: f32) { out[index] = value; }
fn store4(index: u32, value: vec4<f32>) { out4[index / 4u] = value; }
// @epilogue end

// ---- columns: where four of them read ----

// Per column the first element of its batch and group in x, and the coordinates of tap 0 before division.
struct Columns { origin: vec4<u32>, z: vec4<i32>, y: vec4<i32>, x: vec4<i32> }

// What a tap reads: places in the first channel, and which of them lie inside.
struct Places { at: vec4<u32>, inside: vec4<bool> }

struct Coordinate { b: u32, z: u32, y: u32, x: u32 }

fn coordinateOf(n: u32) -> Coordinate {
  let line = n / dims.oW;
  let plane = line / dims.oH;
  let b = plane / dims.oD;
  return Coordinate(b, plane - b * dims.oD, line - plane * dims.oH, n - line * dims.oW);
}

fn after(c: Coordinate) -> Coordinate {
  var next = c;
  next.x++;
  if (next.x == dims.oW) { next.x = 0u; next.y++; }
  if (next.y == dims.oH) { next.y = 0u; next.z++; }
  if (next.z == dims.oD) { next.z = 0u; next.b++; }
  return next;
}

fn columnsFrom(c0: Coordinate, group: u32) -> Columns {
  let c1 = after(c0);
  let c2 = after(c1);
  let c3 = after(c2);
  // Columns beyond the last would read a batch that is not there; they read the last one and are not stored.
  let b = min(vec4<u32>(c0.b, c1.b, c2.b, c3.b), vec4<u32>(dims.columns / (dims.oD * dims.oH * dims.oW) - 1u));
  return Columns(
    (b * dims.groups + group) * dims.channels * volume(),
    vec4<i32>(vec4<u32>(c0.z, c1.z, c2.z, c3.z)) * dims.multiplyD + dims.offsetD,
    vec4<i32>(vec4<u32>(c0.y, c1.y, c2.y, c3.y)) * dims.multiplyH + dims.offsetH,
    vec4<i32>(vec4<u32>(c0.x, c1.x, c2.x, c3.x)) * dims.multiplyW + dims.offsetW);
}

// Elements of x from one channel to the next.
fn volume() -> u32 { return dims.iD * dims.iH * dims.iW; }

fn inRange(c: vec4<i32>, divide: i32, extent: u32) -> vec4<bool> {
  let within = (c >= vec4<i32>(0i)) & (c < vec4<i32>(i32(extent) * divide));
  if (divide == 1i) { return within; }
  return within & (c % divide == vec4<i32>(0i));
}

fn placesOf(columns: Columns, tap: vec3<i32>) -> Places {
  let row = columns.y + tap.y * dims.stepH;
  let column = columns.x + tap.x * dims.stepW;
  var inside = inRange(row, DIVIDE_H, dims.iH) & inRange(column, DIVIDE_W, dims.iW);
  var place = (row / DIVIDE_H) * i32(dims.iW) + column / DIVIDE_W;
  if (DEEP) {
    let plane = columns.z + tap.z * dims.stepD;
    inside = inside & inRange(plane, DIVIDE_D, dims.iD);
    place += (plane / DIVIDE_D) * i32(dims.iH * dims.iW);
  }
  return Places(columns.origin + vec4<u32>(select(vec4<i32>(0i), place, inside)), inside);
}

fn load(places: Places, channel: u32) -> vec4<f32> {
  let at = places.at + channel;
  return select(vec4<f32>(0f), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), places.inside);
}

// Four weights over rows; rows beyond the last read it and are not stored.
fn weightRows(at: u32, row: u32) -> vec4<f32> {
  let r = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), vec4<u32>(dims.rows - 1u)) * dims.rowStride + at;
  return vec4<f32>(w[r.x], w[r.y], w[r.z], w[r.w]);
}

// ---- products: rows as matrix columns, over four columns n ----

fn macOne(weights: vec4<f32>, v: vec4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(
    fma(v, weights.xxxx, c[0]), fma(v, weights.yyyy, c[1]), fma(v, weights.zzzz, c[2]), fma(v, weights.wwww, c[3]));
}

struct Tile8 { c00: mat4x4<f32>, c01: mat4x4<f32>, c10: mat4x4<f32>, c11: mat4x4<f32> }

struct Where { row: u32, n: u32, group: u32, first: Columns, second: Columns }

fn whereOf(group: vec3<u32>, lane: u32) -> Where {
  let n = (group.x * WORKGROUP + lane) * 8u;
  let c = coordinateOf(n);
  let c4 = after(after(after(after(c))));
  return Where(group.y * 8u, n, group.z, columnsFrom(c, group.z), columnsFrom(c4, group.z));
}

fn nextTap(tap: vec3<i32>) -> vec3<i32> {
  var next = tap;
  next.x++;
  if (next.x == i32(dims.kW)) { next.x = 0i; next.y++; }
  if (next.y == i32(dims.kH)) { next.y = 0i; next.z++; }
  return next;
}

fn product(p: Where) -> Tile8 {
  var t = Tile8();
  let step = volume();
  var tap = vec3<i32>(0i);
  for (var k = 0u; k < dims.kD * dims.kH * dims.kW; k++) {
    let places0 = placesOf(p.first, tap);
    let places1 = placesOf(p.second, tap);
    let start = p.group * dims.groupStride + k * dims.tapStride;
    for (var s = 0u; s < dims.channels; s++) {
      let v0 = load(places0, s * step);
      let v1 = load(places1, s * step);
      let w0 = weightRows(start + s * dims.channelStride, p.row);
      t.c00 = macOne(w0, v0, t.c00);
      t.c01 = macOne(w0, v1, t.c01);
      if (BOTH) {
        let w1 = weightRows(start + s * dims.channelStride, p.row + 4u);
        t.c10 = macOne(w1, v0, t.c10);
        t.c11 = macOne(w1, v1, t.c11);
      }
    }
    tap = nextTap(tap);
  }
  return t;
}

// ---- stores ----

// Element of out at a row and column.
fn placeOut(group: u32, row: u32, n: u32) -> u32 {
  let size = dims.oD * dims.oH * dims.oW;
  let b = n / size;
  return ((b * dims.groups + group) * dims.rows + row) * size + n - b * size;
}

fn storeBlock(group: u32, row: u32, n: u32, c: mat4x4<f32>) {
  for (var j = 0u; j < 4u; j++) {
    if (n + j < dims.columns) {
      let at = placeOut(group, row, n + j);
      let size = dims.oD * dims.oH * dims.oW;
      if (row < dims.rows) { store(at, c[0][j]); }
      if (row + 1u < dims.rows) { store(at + size, c[1][j]); }
      if (row + 2u < dims.rows) { store(at + 2u * size, c[2][j]); }
      if (row + 3u < dims.rows) { store(at + 3u * size, c[3][j]); }
    }
  }
}

fn storeBlock4(group: u32, row: u32, n: u32, c: mat4x4<f32>) {
  if (n >= dims.columns) { return; }
  let at = placeOut(group, row, n);
  let size = dims.oD * dims.oH * dims.oW;
  if (row < dims.rows) { store4(at, c[0]); }
  if (row + 1u < dims.rows) { store4(at + size, c[1]); }
  if (row + 2u < dims.rows) { store4(at + 2u * size, c[2]); }
  if (row + 3u < dims.rows) { store4(at + 3u * size, c[3]); }
}

fn storeTile(p: Where, t: Tile8) {
  storeBlock(p.group, p.row, p.n, t.c00);
  storeBlock(p.group, p.row, p.n + 4u, t.c01);
  if (BOTH) {
    storeBlock(p.group, p.row + 4u, p.n, t.c10);
    storeBlock(p.group, p.row + 4u, p.n + 4u, t.c11);
  }
}

fn storeTile4(p: Where, t: Tile8) {
  storeBlock4(p.group, p.row, p.n, t.c00);
  storeBlock4(p.group, p.row, p.n + 4u, t.c01);
  if (BOTH) {
    storeBlock4(p.group, p.row + 4u, p.n, t.c10);
    storeBlock4(p.group, p.row + 4u, p.n + 4u, t.c11);
  }
}

@compute @workgroup_size(WORKGROUP)
fn registerTile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let p = whereOf(group, lane);
  storeTile(p, product(p));
}

@compute @workgroup_size(WORKGROUP)
fn registerTile4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let p = whereOf(group, lane);
  storeTile4(p, product(p));
}

// ---- workgroup tile: 32 rows by 64 columns, k = (t, s) in steps of 16 ----

// Per k the weights over rows, and the values over columns; one vec4 longer than needed: fewer bank conflicts.
var<workgroup> tileW: array<array<vec4<f32>, 9>, 16>;
var<workgroup> tileX: array<array<vec4<f32>, 17>, 16>;

fn tapOf(t: u32) -> vec3<i32> {
  let line = t / dims.kW;
  return vec3<i32>(vec3<u32>(t % dims.kW, line % dims.kH, line / dims.kH));
}

fn loadTiles(group: vec3<u32>, lane: u32, columns: Columns, k: u32) {
  let end = dims.kD * dims.kH * dims.kW * dims.channels;
  let lastK = end - 1u;
  for (var i = 0u; i < 4u; i++) {
    let row = lane / 16u * 4u + i;
    let at = min(k + row, lastK);
    let t = at / dims.channels;
    let values = load(placesOf(columns, tapOf(t)), (at - t * dims.channels) * volume());
    tileX[row][lane % 16u] = select(vec4<f32>(0f), values, k + row < end);
  }
  for (var i = 0u; i < 16u; i += 8u) {
    let row = lane / 8u + i;
    let at = min(k + row, lastK);
    let t = at / dims.channels;
    let start = group.z * dims.groupStride + t * dims.tapStride + (at - t * dims.channels) * dims.channelStride;
    tileW[row][lane % 8u] = weightRows(start, group.y * 32u + lane % 8u * 4u);
  }
}

struct Tile4x8 { left: mat4x4<f32>, right: mat4x4<f32> }

fn groupProduct(group: vec3<u32>, lane: u32) -> Tile4x8 {
  var t = Tile4x8();
  let columns = columnsFrom(coordinateOf(group.x * 64u + lane % 16u * 4u), group.z);
  for (var k = 0u; k < dims.kD * dims.kH * dims.kW * dims.channels; k += 16u) {
    loadTiles(group, lane, columns, k);
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
      let weights = tileW[i][lane / 8u];
      t = Tile4x8(
        macOne(weights, tileX[i][2u * (lane % 8u)], t.left), macOne(weights, tileX[i][2u * (lane % 8u) + 1u], t.right));
    }
    workgroupBarrier();
  }
  return t;
}

@compute @workgroup_size(64)
fn workgroupTile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = groupProduct(group, lane);
  let row = group.y * 32u + lane / 8u * 4u;
  let n = group.x * 64u + lane % 8u * 8u;
  storeBlock(group.z, row, n, t.left);
  storeBlock(group.z, row, n + 4u, t.right);
}

@compute @workgroup_size(64)
fn workgroupTile4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = groupProduct(group, lane);
  let row = group.y * 32u + lane / 8u * 4u;
  let n = group.x * 64u + lane % 8u * 8u;
  storeBlock4(group.z, row, n, t.left);
  storeBlock4(group.z, row, n + 4u, t.right);
}
