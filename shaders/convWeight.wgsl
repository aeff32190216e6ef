// Gradient of a convolution by its weight, as an implicit matrix product with a long reduction.
//
//   dw[t, c, o] = Σ_{b, p} x[b, c, p · stride − padding + t · dilation] · dy[b, o, p],      x = 0 outside
//
// x     f32 [B, groups · C, iD, iH, iW];   dy f32 [B, groups · O, oD, oH, oW];   axes that are not there have length 1
// out   f32 [kD, kH, kW, C, groups · O], or one such array for each of `splits` parts of the reduction
// a line is a row of dy along W: (b, z, y); a tap is t = (tz, ty, tx)
//
// Entry points (…4: four output channels are stored at once, O divides by 4)
//   registerTile, registerTile4    8 channels c (4 unless BOTH) by 8 o of one tap for each invocation, straight from storage, `chunk` lines
//   workgroupTile, workgroupTile4  32 rows (t, c) by 64 o for 8×8 invocations, through workgroup memory, `chunk` positions (b, p)
//   sumSplits                      out = Σ_s part[s], the parts as x; `chunk` elements
// Dispatch: registerTile: `tiles` = taps · ⌈C/8⌉ · ⌈O/8⌉ · groups for each split, an invocation each, rows of `width`;
// workgroupTile: x over o, y over rows, z = group · splits + split; sumSplits: an invocation for each element, rows of `width`.

struct Dims {
  batch: u32, channels: u32, outputs: u32, groups: u32,
  iD: u32, iH: u32, iW: u32,
  oD: u32, oH: u32, oW: u32,
  kD: u32, kH: u32, kW: u32,
  strideD: i32, strideH: i32, strideW: i32,
  paddingD: i32, paddingH: i32, paddingW: i32,
  dilationD: i32, dilationH: i32, dilationW: i32,
  splits: u32, chunk: u32, tiles: u32, width: u32,
}

override WORKGROUP: u32 = 16u;
// Whether a tile has more than four channels.
override BOTH: bool = true;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> out4: array<vec4<f32>>;
fn store(index: u32, value: f32) { out[index] = value; }
fn store4(index: u32, value: vec4<f32>) { out4[index / 4u] = value; }
// @epilogue end

// Elements from one channel to the next.
fn volumeX() -> u32 { return dims.iD * dims.iH * dims.iW; }
fn volumeY() -> u32 { return dims.oD * dims.oH * dims.oW; }

fn four(first: u32, count: u32) -> vec4<u32> {
  return min(vec4<u32>(first, first + 1u, first + 2u, first + 3u), vec4<u32>(count - 1u));
}

// Adds the product of four channels a and four outputs b: columns of c are channels, over four o.
fn macOne(a: vec4<f32>, b: vec4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(fma(b, a.xxxx, c[0]), fma(b, a.yyyy, c[1]), fma(b, a.zzzz, c[2]), fma(b, a.wwww, c[3]));
}

// ---- stores: rows (t, c) as matrix columns, over four o ----

fn storeRow(part: u32, group: u32, row: u32, o: u32, values: vec4<f32>) {
  let at = (part * dims.kD * dims.kH * dims.kW * dims.channels + row) * dims.groups * dims.outputs + group * dims.outputs + o;
  for (var j = 0u; j < 4u; j++) {
    if (o + j < dims.outputs) { store(at + j, values[j]); }
  }
}

fn storeRow4(part: u32, group: u32, row: u32, o: u32, values: vec4<f32>) {
  let at = (part * dims.kD * dims.kH * dims.kW * dims.channels + row) * dims.groups * dims.outputs + group * dims.outputs + o;
  if (o < dims.outputs) { store4(at, values); }
}

fn storeRows(part: u32, group: u32, row: u32, end: u32, o: u32, c: mat4x4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    if (row + i < end) { storeRow(part, group, row + i, o, c[i]); }
  }
}

fn storeRows4(part: u32, group: u32, row: u32, end: u32, o: u32, c: mat4x4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    if (row + i < end) { storeRow4(part, group, row + i, o, c[i]); }
  }
}

// ---- tiles straight from storage ----

struct Tile8 { c00: mat4x4<f32>, c01: mat4x4<f32>, c10: mat4x4<f32>, c11: mat4x4<f32> }

struct Where { split: u32, group: u32, tap: u32, c: u32, o: u32 }

fn whereOf(unit: u32) -> Where {
  let split = unit / dims.tiles;
  var rest = unit - split * dims.tiles;
  let acrossO = (dims.outputs + 7u) / 8u;
  let acrossC = (dims.channels + 7u) / 8u;
  let o = rest % acrossO;
  rest = rest / acrossO;
  let c = rest % acrossC;
  rest = rest / acrossC;
  let taps = dims.kD * dims.kH * dims.kW;
  return Where(split, rest / taps, rest % taps, c * 8u, o * 8u);
}

struct Line { b: u32, z: u32, y: u32 }

fn after(line: Line) -> Line {
  var next = line;
  next.y++;
  if (next.y == dims.oH) { next.y = 0u; next.z++; }
  if (next.z == dims.oD) { next.z = 0u; next.b++; }
  return next;
}

fn loadX(at: vec4<u32>) -> vec4<f32> { return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]); }
fn loadDy(at: vec4<u32>) -> vec4<f32> { return vec4<f32>(dy[at.x], dy[at.y], dy[at.z], dy[at.w]); }

fn lineOf(p: Where) -> Line {
  let first = p.split * dims.chunk;
  let plane = first / dims.oH;
  return Line(plane / dims.oD, plane % dims.oD, first % dims.oH);
}

fn tapOf(t: u32) -> vec3<i32> {
  let line = t / dims.kW;
  return vec3<i32>(
    i32(t % dims.kW) * dims.dilationW - dims.paddingW,
    i32(line % dims.kH) * dims.dilationH - dims.paddingH,
    i32(line / dims.kH) * dims.dilationD - dims.paddingD);
}

// Positions along W whose tap lies inside x: first and one past the last.
fn columnsOf(tap: i32) -> vec2<u32> {
  let begin = (max(-tap, 0i) + dims.strideW - 1i) / dims.strideW;
  let end = min((i32(dims.iW) - 1i - tap + dims.strideW) / dims.strideW, i32(dims.oW));
  return vec2<u32>(vec2<i32>(begin, max(end, begin)));
}

fn product(p: Where) -> Tile8 {
  var t = Tile8();
  let tap = tapOf(p.tap);
  let columns = columnsOf(tap.x);
  var line = lineOf(p);
  let end = min((p.split + 1u) * dims.chunk, dims.batch * dims.oD * dims.oH);
  let c0 = four(p.c, dims.channels) * volumeX();
  let c1 = four(p.c + 4u, dims.channels) * volumeX();
  let o0 = four(p.o, dims.outputs) * volumeY();
  let o1 = four(p.o + 4u, dims.outputs) * volumeY();
  for (var l = p.split * dims.chunk; l < end; l++) {
    let z = i32(line.z) * dims.strideD + tap.z;
    let y = i32(line.y) * dims.strideH + tap.y;
    if (z >= 0i && z < i32(dims.iD) && y >= 0i && y < i32(dims.iH)) {
      let lineX = (line.b * dims.groups + p.group) * dims.channels * volumeX() + u32(z * i32(dims.iH) + y) * dims.iW;
      let lineY = (line.b * dims.groups + p.group) * dims.outputs * volumeY() + (line.z * dims.oH + line.y) * dims.oW;
      for (var column = columns.x; column < columns.y; column++) {
        let d0 = loadDy(o0 + (lineY + column));
        let d1 = loadDy(o1 + (lineY + column));
        let at = lineX + u32(i32(column) * dims.strideW + tap.x);
        let x0 = loadX(c0 + at);
        t.c00 = macOne(x0, d0, t.c00);
        t.c01 = macOne(x0, d1, t.c01);
        if (BOTH) {
          let x1 = loadX(c1 + at);
          t.c10 = macOne(x1, d0, t.c10);
          t.c11 = macOne(x1, d1, t.c11);
        }
      }
    }
    line = after(line);
  }
  return t;
}

fn storeTile(p: Where, t: Tile8) {
  let row = p.tap * dims.channels + p.c;
  let end = (p.tap + 1u) * dims.channels;
  storeRows(p.split, p.group, row, end, p.o, t.c00);
  storeRows(p.split, p.group, row, end, p.o + 4u, t.c01);
  if (BOTH) {
    storeRows(p.split, p.group, row + 4u, end, p.o, t.c10);
    storeRows(p.split, p.group, row + 4u, end, p.o + 4u, t.c11);
  }
}

fn storeTile4(p: Where, t: Tile8) {
  let row = p.tap * dims.channels + p.c;
  let end = (p.tap + 1u) * dims.channels;
  storeRows4(p.split, p.group, row, end, p.o, t.c00);
  storeRows4(p.split, p.group, row, end, p.o + 4u, t.c01);
  if (BOTH) {
    storeRows4(p.split, p.group, row + 4u, end, p.o, t.c10);
    storeRows4(p.split, p.group, row + 4u, end, p.o + 4u, t.c11);
  }
}

@compute @workgroup_size(WORKGROUP) fn registerTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.tiles * dims.splits) { return; }
  let p = whereOf(unit);
  storeTile(p, product(p));
}

@compute @workgroup_size(WORKGROUP) fn registerTile4(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.tiles * dims.splits) { return; }
  let p = whereOf(unit);
  storeTile4(p, product(p));
}

// ---- workgroup tile: 32 rows by 64 o, positions in steps of 16 ----

// rowTaps[row]: first coordinates of the row's tap (x, y, z) and its channel. valuesX[k][row/4], valuesDy[k][o/4].
var<workgroup> rowTaps: array<vec4<i32>, 32>;
var<workgroup> valuesX: array<array<vec4<f32>, 9>, 16>;
var<workgroup> valuesDy: array<array<vec4<f32>, 17>, 16>;

struct Position { b: u32, at: vec3<i32>, flat: u32, live: bool }

fn positionOf(n: u32, end: u32) -> Position {
  let k = min(n, end - 1u);
  let line = k / dims.oW;
  let plane = line / dims.oH;
  let b = plane / dims.oD;
  let at = vec3<i32>(vec3<u32>(k - line * dims.oW, line - plane * dims.oH, plane - b * dims.oD));
  return Position(b, at * vec3<i32>(dims.strideW, dims.strideH, dims.strideD), k - b * volumeY(), n < end);
}

fn elementX(p: Position, group: u32, row: vec4<i32>) -> f32 {
  let at = p.at + row.xyz;
  let inside = p.live && all(at >= vec3<i32>(0i)) && all(at < vec3<i32>(vec3<u32>(dims.iW, dims.iH, dims.iD)));
  let place = u32((at.z * i32(dims.iH) + at.y) * i32(dims.iW) + at.x);
  let channel = ((p.b * dims.groups + group) * dims.channels + u32(row.w)) * volumeX();
  return select(0f, x[channel + select(0u, place, inside)], inside);
}

fn loadTiles(n: u32, end: u32, group: u32, left: u32, lane: u32) {
  // Neighbouring invocations take neighbouring positions.
  let k = lane % 16u;
  let p = positionOf(n + k, end);
  for (var r = lane / 16u; r < 8u; r += 4u) {
    valuesX[k][r] = vec4<f32>(
      elementX(p, group, rowTaps[4u * r]), elementX(p, group, rowTaps[4u * r + 1u]),
      elementX(p, group, rowTaps[4u * r + 2u]), elementX(p, group, rowTaps[4u * r + 3u]));
  }
  let start = (p.b * dims.groups + group) * dims.outputs * volumeY() + p.flat;
  for (var o = lane / 16u; o < 16u; o += 4u) {
    let c = four(left + 4u * o, dims.outputs) * volumeY() + start;
    valuesDy[k][o] = select(vec4<f32>(0f), vec4<f32>(dy[c.x], dy[c.y], dy[c.z], dy[c.w]), p.live);
  }
}

struct Tile4x8 { left: mat4x4<f32>, right: mat4x4<f32> }

fn groupProduct(group: vec3<u32>, lane: u32) -> Tile4x8 {
  if (lane < 32u) {
    let row = min(group.y * 32u + lane, dims.kD * dims.kH * dims.kW * dims.channels - 1u);
    rowTaps[lane] = vec4<i32>(tapOf(row / dims.channels), i32(row % dims.channels));
  }
  workgroupBarrier();
  var t = Tile4x8();
  let begin = (group.z % dims.splits) * dims.chunk;
  let end = min(begin + dims.chunk, dims.batch * volumeY());
  for (var n = begin; n < end; n += 16u) {
    loadTiles(n, end, group.z / dims.splits, group.x * 64u, lane);
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let a = valuesX[k][lane / 8u];
      t = Tile4x8(
        macOne(a, valuesDy[k][2u * (lane % 8u)], t.left), macOne(a, valuesDy[k][2u * (lane % 8u) + 1u], t.right));
    }
    workgroupBarrier();
  }
  return t;
}

@compute @workgroup_size(64) fn workgroupTile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = groupProduct(group, lane);
  let row = group.y * 32u + lane / 8u * 4u;
  let end = dims.kD * dims.kH * dims.kW * dims.channels;
  let o = group.x * 64u + lane % 8u * 8u;
  storeRows(group.z % dims.splits, group.z / dims.splits, row, end, o, t.left);
  storeRows(group.z % dims.splits, group.z / dims.splits, row, end, o + 4u, t.right);
}

@compute @workgroup_size(64) fn workgroupTile4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = groupProduct(group, lane);
  let row = group.y * 32u + lane / 8u * 4u;
  let end = dims.kD * dims.kH * dims.kW * dims.channels;
  let o = group.x * 64u + lane % 8u * 8u;
  storeRows4(group.z % dims.splits, group.z / dims.splits, row, end, o, t.left);
  storeRows4(group.z % dims.splits, group.z / dims.splits, row, end, o + 4u, t.right);
}

// ---- the parts, in order ----

@compute @workgroup_size(64) fn sumSplits(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.chunk) { return; }
  var sum = 0f;
  for (var s = 0u; s < dims.splits; s++) { sum += x[s * dims.chunk + i]; }
  store(i, sum);
}
