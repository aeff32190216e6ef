// Self-attention by register tiles straight from storage: what attention.wgsl computes, for CPU adapters, where one load should serve
// many products, and where barriers, arrays indexed by a variable and long unrolled code are dear.
//
//   forwardTile         8 queries an invocation: out, logsumexp
//   queryGradientTile   8 queries an invocation: δ, dq
//   keyGradientTile     8 keys an invocation: dk, dv
// Equations, layouts, masks: attention.wgsl. Scores are made in tiles of 8×4 from blocks of 4×4, with the rows of a block as columns
// of a matrix (as in matmul.wgsl). The weights of a block of rows against one chunk of keys (or queries) wait in `weights`: 8·chunk
// numbers for each invocation, whatever N is. Then 8×4 tiles of weights · rows are added to the result, chunk by chunk. An invocation
// reads back only what it wrote itself. `statistics` holds for every 8 queries of a head their logsumexp and δ, two vec4 each.
//
// Loads and stores are long code on these adapters (each lane checks and goes alone), so rows are stored by loops of one store.
// Dispatch: one invocation for a block of 8 rows of a head, (b·H + h)·⌈N/8⌉ + block, rows of `width`.
// Everything that differs from call to call is in the uniform: three pipelines serve all heads and masks.

struct Dims { count: u32, width: u32, tokens: u32, heads: u32, d4: u32, chunk: u32, scale: f32, causal: u32, padded: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> keyMask: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(3) var<storage, read> result: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> statistics: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> known: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> dqkv: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> weights: array<vec4<f32>>;

const LOWEST = -1.0e38f; // the score of what does not count
const FLOOR = -1.0e30f;  // below every score that counts
const NOBODY = 1.0e38f;  // the logsumexp of a query that is not there: its weights are zero

// The block of an invocation: its first token and how many of its 8 are there, the batch, the head's first number in [B, H, N];
// places in vec4 of the head's first query, key and value in qkv (rows of `stride`) and of its first row in out and dout (rows of
// `width`), and of its own weights.
struct Block {
  token: u32, rows: u32, batch: u32, line: u32, query: u32, key: u32, value: u32, stride: u32, row: u32, width: u32, weights: u32,
}

fn blocks() -> u32 { return (dims.tokens + 7u) / 8u; }

fn blockOf(i: u32, sides: u32) -> Block {
  let line = i / blocks();
  let token = (i % blocks()) * 8u;
  let batch = line / dims.heads;
  let width = dims.heads * dims.d4;
  let row = batch * dims.tokens * width + (line % dims.heads) * dims.d4;
  let first = 3u * batch * dims.tokens * width + (line % dims.heads) * dims.d4;
  return Block(token, min(8u, dims.tokens - token), batch, line * dims.tokens, first, first + width, first + 2u * width, 3u * width,
    row, width, i * sides * dims.chunk * 2u);
}

// Four neighbouring tokens; beyond the last one, the last again: what comes of it is masked or not stored.
fn four(token: u32) -> vec4<u32> {
  return min(vec4<u32>(token, token + 1u, token + 2u, token + 3u), vec4<u32>(dims.tokens - 1u));
}

fn fromQkv(at: vec4<u32>, c: u32) -> mat4x4<f32> {
  return mat4x4<f32>(qkv[at.x + c], qkv[at.y + c], qkv[at.z + c], qkv[at.w + c]);
}
fn fromDout(at: vec4<u32>, c: u32) -> mat4x4<f32> {
  return mat4x4<f32>(dout[at.x + c], dout[at.y + c], dout[at.z + c], dout[at.w + c]);
}

// c + b · a, each column by four fused multiply-adds.
fn macColumn(b: mat4x4<f32>, a: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
  return fma(b[3], a.wwww, fma(b[2], a.zzzz, fma(b[1], a.yyyy, fma(b[0], a.xxxx, c))));
}
fn mac(b: mat4x4<f32>, a: mat4x4<f32>, c: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(macColumn(b, a[0], c[0]), macColumn(b, a[1], c[1]), macColumn(b, a[2], c[2]), macColumn(b, a[3], c[3]));
}

// Eight rows against four columns: rows 0…3 and 4…7, each a column of its block.
struct Tile { low: mat4x4<f32>, high: mat4x4<f32> }

fn macTile(t: Tile, a0: mat4x4<f32>, a1: mat4x4<f32>, b: mat4x4<f32>) -> Tile {
  return Tile(mac(b, a0, t.low), mac(b, a1, t.high));
}

// Number r of eight.
fn pick(low: vec4<f32>, high: vec4<f32>, r: u32) -> f32 {
  let four = select(low, high, r >= 4u);
  let two = select(four.xy, four.zw, (r & 2u) != 0u);
  return select(two.x, two.y, (r & 1u) != 0u);
}
fn rowOf(t: Tile, r: u32) -> vec4<f32> {
  let up = r >= 4u;
  let two = (r & 2u) != 0u;
  return select(
    select(select(t.low[0], t.high[0], up), select(t.low[2], t.high[2], up), two),
    select(select(t.low[1], t.high[1], up), select(t.low[3], t.high[3], up), two), (r & 1u) != 0u);
}
fn lane(r: u32) -> vec4<bool> { return vec4<u32>(0u, 1u, 2u, 3u) == vec4<u32>(r); }

// ---- scores ----

// Which of four keys are there and count.
fn presentKeys(batch: u32, key: u32) -> vec4<bool> {
  let within = vec4<u32>(key, key + 1u, key + 2u, key + 3u) < vec4<u32>(dims.tokens);
  if (dims.padded != 0u) {
    let at = batch * dims.tokens + four(key);
    return within & (vec4<f32>(keyMask[at.x], keyMask[at.y], keyMask[at.z], keyMask[at.w]) != vec4<f32>(0f));
  }
  return within;
}

fn maskedRow(s: vec4<f32>, query: u32, key: u32, present: vec4<bool>) -> vec4<f32> {
  let visible = vec4<bool>(dims.causal == 0u) | (vec4<u32>(key, key + 1u, key + 2u, key + 3u) <= vec4<u32>(query));
  return select(vec4<f32>(LOWEST), s * dims.scale, present & visible);
}

// Four queries (columns) against four keys.
fn masked(s: mat4x4<f32>, query: u32, key: u32, present: vec4<bool>) -> mat4x4<f32> {
  return mat4x4<f32>(maskedRow(s[0], query, key, present), maskedRow(s[1], query + 1u, key, present),
    maskedRow(s[2], query + 2u, key, present), maskedRow(s[3], query + 3u, key, present));
}

// Products of eight rows of one part of qkv and four of another: queries with keys, or keys with queries.
fn products(at: Block, rows: u32, row: u32, columns: u32, column: u32) -> Tile {
  let a0 = rows + four(row) * at.stride;
  let a1 = rows + four(row + 4u) * at.stride;
  let b = columns + four(column) * at.stride;
  var t = Tile();
  for (var c = 0u; c < dims.d4; c++) { t = macTile(t, fromQkv(a0, c), fromQkv(a1, c), transpose(fromQkv(b, c))); }
  return t;
}

fn expFrom(s: mat4x4<f32>, top: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(exp(s[0] - top.x), exp(s[1] - top.y), exp(s[2] - top.z), exp(s[3] - top.w));
}
// dS of four queries (columns)
fn slope(p: mat4x4<f32>, dp: mat4x4<f32>, own: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(p[0] * (dp[0] - own.x), p[1] * (dp[1] - own.y), p[2] * (dp[2] - own.z), p[3] * (dp[3] - own.w)) * dims.scale;
}

// ---- weights that wait: for four columns of a chunk the eight rows, a vec4 each ----

fn keep(place: u32, rows: u32, t: Tile) {
  for (var r = 0u; r < rows; r++) { weights[place + r] = rowOf(t, r); }
}
fn kept(place: u32) -> mat4x4<f32> {
  return mat4x4<f32>(weights[place], weights[place + 1u], weights[place + 2u], weights[place + 3u]);
}

// weights [8, n] · rows of qkv from `first` on, tokens [begin, begin + n), column c (in vec4).
fn weightedQkv(place: u32, first: u32, stride: u32, begin: u32, n: u32, c: u32) -> Tile {
  var t = Tile();
  for (var j = 0u; j < n; j += 4u) {
    t = macTile(t, kept(place + j * 2u), kept(place + j * 2u + 4u), fromQkv(first + four(begin + j) * stride, c));
  }
  return t;
}
fn weightedDout(place: u32, first: u32, stride: u32, begin: u32, n: u32, c: u32) -> Tile {
  var t = Tile();
  for (var j = 0u; j < n; j += 4u) {
    t = macTile(t, kept(place + j * 2u), kept(place + j * 2u + 4u), fromDout(first + four(begin + j) * stride, c));
  }
  return t;
}

// One column of the block's rows, from `place` on, added to what earlier chunks gave.
fn addGradient(at: Block, place: u32, again: bool, t: Tile) {
  for (var r = 0u; r < at.rows; r++) {
    let to = place + r * at.stride;
    var sum = rowOf(t, r);
    if (again) { sum += dqkv[to]; }
    dqkv[to] = sum;
  }
}

// ---- forward ----

fn largest(m: mat4x4<f32>) -> vec4<f32> {
  let t = transpose(m);
  return max(max(t[0], t[1]), max(t[2], t[3]));
}

// out ← (out · shrink + tile) · norm, one column of the block's rows
fn addOut(at: Block, c: u32, again: bool, shrink0: vec4<f32>, shrink1: vec4<f32>, norm0: vec4<f32>, norm1: vec4<f32>, t: Tile) {
  for (var r = 0u; r < at.rows; r++) {
    let to = at.row + (at.token + r) * at.width + c;
    var sum = rowOf(t, r);
    if (again) { sum = fma(out[to], vec4<f32>(pick(shrink0, shrink1, r)), sum); }
    out[to] = sum * pick(norm0, norm1, r);
  }
}

fn inverse(total: vec4<f32>, last: bool) -> vec4<f32> {
  return select(vec4<f32>(1f), select(1f / total, vec4<f32>(), total == vec4<f32>()), last);
}

@compute @workgroup_size(16) fn forwardTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 1u);
  let end = select(dims.tokens, min(at.token + 8u, dims.tokens), dims.causal != 0u);
  var top0 = vec4<f32>(FLOOR);
  var top1 = vec4<f32>(FLOOR);
  var total0 = vec4<f32>();
  var total1 = vec4<f32>();
  for (var begin = 0u; begin < end; begin += dims.chunk) {
    let n = min(dims.chunk, end - begin);
    var highest0 = top0;
    var highest1 = top1;
    for (var j = 0u; j < n; j += 4u) {
      let t = products(at, at.query, at.token, at.key, begin + j);
      let present = presentKeys(at.batch, begin + j);
      let s = Tile(masked(t.low, at.token, begin + j, present), masked(t.high, at.token + 4u, begin + j, present));
      keep(at.weights + j * 2u, at.rows, s);
      highest0 = max(highest0, largest(s.low));
      highest1 = max(highest1, largest(s.high));
    }
    let shrink0 = exp(top0 - highest0);
    let shrink1 = exp(top1 - highest1);
    top0 = highest0;
    top1 = highest1;
    total0 *= shrink0;
    total1 *= shrink1;
    for (var j = 0u; j < (n + 3u) / 4u * 8u; j++) {
      let r = j % 8u;
      let p = exp(weights[at.weights + j] - pick(top0, top1, r));
      weights[at.weights + j] = p;
      let sum = vec4<f32>(dot(p, vec4<f32>(1f)));
      total0 += select(vec4<f32>(), sum, lane(r));
      total1 += select(vec4<f32>(), sum, lane(r - 4u));
    }
    let last = begin + dims.chunk >= end;
    for (var c = 0u; c < dims.d4; c++) {
      addOut(at, c, begin > 0u, shrink0, shrink1, inverse(total0, last), inverse(total1, last),
        weightedQkv(at.weights, at.value, at.stride, begin, n, c));
    }
  }
  let log0 = select(top0 + log(total0), vec4<f32>(), total0 == vec4<f32>());
  let log1 = select(top1 + log(total1), vec4<f32>(), total1 == vec4<f32>());
  for (var r = 0u; r < at.rows; r++) { logsumexp[at.line + at.token + r] = pick(log0, log1, r); }
}

// ---- backward ----

// dP of the block's eight queries and four keys …
fn doutProducts(at: Block, key: u32) -> Tile {
  let a0 = at.row + four(at.token) * at.width;
  let a1 = at.row + four(at.token + 4u) * at.width;
  let b = at.value + four(key) * at.stride;
  var t = Tile();
  for (var c = 0u; c < dims.d4; c++) { t = macTile(t, fromDout(a0, c), fromDout(a1, c), transpose(fromQkv(b, c))); }
  return t;
}
// … and of its eight keys (rows) and four queries.
fn valueProducts(at: Block, query: u32) -> Tile {
  let a0 = at.value + four(at.token) * at.stride;
  let a1 = at.value + four(at.token + 4u) * at.stride;
  let b = at.row + four(query) * at.width;
  var t = Tile();
  for (var c = 0u; c < dims.d4; c++) { t = macTile(t, fromQkv(a0, c), fromQkv(a1, c), transpose(fromDout(b, c))); }
  return t;
}

@compute @workgroup_size(16) fn queryGradientTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 1u);
  var own0 = vec4<f32>();
  var own1 = vec4<f32>();
  var lse0 = vec4<f32>(NOBODY);
  var lse1 = vec4<f32>(NOBODY);
  for (var r = 0u; r < at.rows; r++) {
    let row = at.row + (at.token + r) * at.width;
    var sum = vec4<f32>();
    for (var c = 0u; c < dims.d4; c++) { sum = fma(dout[row + c], result[row + c], sum); }
    let norm = vec4<f32>(lse[at.line + at.token + r]);
    own0 = select(own0, vec4<f32>(dot(sum, vec4<f32>(1f))), lane(r));
    own1 = select(own1, vec4<f32>(dot(sum, vec4<f32>(1f))), lane(r - 4u));
    lse0 = select(lse0, norm, lane(r));
    lse1 = select(lse1, norm, lane(r - 4u));
  }
  statistics[i * 4u] = lse0;
  statistics[i * 4u + 1u] = lse1;
  statistics[i * 4u + 2u] = own0;
  statistics[i * 4u + 3u] = own1;
  let end = select(dims.tokens, min(at.token + 8u, dims.tokens), dims.causal != 0u);
  for (var begin = 0u; begin < end; begin += dims.chunk) {
    let n = min(dims.chunk, end - begin);
    for (var j = 0u; j < n; j += 4u) {
      let key = begin + j;
      let s = products(at, at.query, at.token, at.key, key);
      let dp = doutProducts(at, key);
      let present = presentKeys(at.batch, key);
      keep(at.weights + j * 2u, at.rows, Tile(
        slope(expFrom(masked(s.low, at.token, key, present), lse0), dp.low, own0),
        slope(expFrom(masked(s.high, at.token + 4u, key, present), lse1), dp.high, own1)));
    }
    for (var c = 0u; c < dims.d4; c++) {
      addGradient(at, at.query + at.token * at.stride + c, begin > 0u, weightedQkv(at.weights, at.key, at.stride, begin, n, c));
    }
  }
}

@compute @workgroup_size(16) fn keyGradientTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 2u);
  let slopes = at.weights + dims.chunk * 2u;
  let first = select(0u, at.token, dims.causal != 0u);
  let present0 = presentKeys(at.batch, at.token);
  let present1 = presentKeys(at.batch, at.token + 4u);
  for (var begin = first; begin < dims.tokens; begin += dims.chunk) {
    let n = min(dims.chunk, dims.tokens - begin);
    for (var j = 0u; j < n; j += 4u) {
      let query = begin + j;
      let place = (i - at.token / 8u + query / 8u) * 4u + (query / 4u) % 2u;
      let s = products(at, at.key, at.token, at.query, query);
      let p0 = expFrom(masked(transpose(s.low), query, at.token, present0), known[place]);
      let p1 = expFrom(masked(transpose(s.high), query, at.token + 4u, present1), known[place]);
      keep(at.weights + j * 2u, at.rows, Tile(transpose(p0), transpose(p1)));
      let dp = valueProducts(at, query);
      let own = known[place + 2u];
      keep(slopes + j * 2u, at.rows,
        Tile(transpose(slope(p0, transpose(dp.low), own)), transpose(slope(p1, transpose(dp.high), own))));
    }
    for (var c = 0u; c < dims.d4; c++) {
      addGradient(at, at.key + at.token * at.stride + c, begin > first, weightedQkv(slopes, at.query, at.stride, begin, n, c));
      addGradient(at, at.value + at.token * at.stride + c, begin > first, weightedDout(at.weights, at.row, at.width, begin, n, c));
    }
  }
}
