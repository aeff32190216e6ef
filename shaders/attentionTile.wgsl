// Self-attention by register tiles straight from storage: what attention.wgsl computes, for CPU adapters, where one load should serve
// many products and where arrays indexed by a variable, barriers and long unrolled code are dear.
//
//   forwardTile         8 queries an invocation: out, logsumexp
//   queryGradientTile   8 queries an invocation: δ, dq
//   keyGradientTile     8 keys an invocation: dk, dv
// Equations, layouts, masks: attention.wgsl. Scores are made in tiles of 8×8 from blocks of 4×4, with the rows of a block as columns
// of a matrix (as in matmul.wgsl). The weights of a block of rows against one chunk of keys (or queries) wait in `weights`: 8·chunk
// numbers for each invocation, whatever N is. Then 8×8 tiles of weights · rows are added to the result, chunk by chunk. An invocation
// reads back only what it wrote itself.
//
// Dispatch: one invocation for a block of 8 rows of a head, (b·H + h)·⌈N/8⌉ + block, rows of `width`.

struct Dims { count: u32, width: u32, tokens: u32, heads: u32, d4: u32, chunk: u32, scale: f32 }

override CAUSAL: bool = false;
override USE_MASK: bool = false;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> keyMask: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(3) var<storage, read> result: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> delta: array<f32>;
@group(0) @binding(6) var<storage, read> deltas: array<f32>;
@group(0) @binding(7) var<storage, read_write> dqkv: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> weights: array<vec4<f32>>;

const LOWEST = -3.0e38f;
const FLOOR = -1.0e30f; // below every score, far above LOWEST

// The block of an invocation: its first token, the batch, the head's first number in [B, H, N] arrays; places in vec4 of the head's
// first query, key and value in qkv (rows of `stride`) and of its first row in out and dout (rows of `width`); its own weights.
struct Block {
  token: u32, batch: u32, line: u32, query: u32, key: u32, value: u32, stride: u32, row: u32, width: u32, weights: u32,
}

fn blockOf(i: u32, chunks: u32) -> Block {
  let blocks = (dims.tokens + 7u) / 8u;
  let line = i / blocks;
  let batch = line / dims.heads;
  let head = line % dims.heads;
  let width = dims.heads * dims.d4;
  let first = batch * dims.tokens * 3u * width + head * dims.d4;
  return Block((i % blocks) * 8u, batch, line * dims.tokens, first, first + width, first + 2u * width, 3u * width,
    batch * dims.tokens * width + head * dims.d4, width, i * chunks * dims.chunk * 2u);
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

// 8×8: c01 has rows 0…3 (its columns) against columns 4…7.
struct Tile { c00: mat4x4<f32>, c01: mat4x4<f32>, c10: mat4x4<f32>, c11: mat4x4<f32> }

fn macTile(t: Tile, a0: mat4x4<f32>, a1: mat4x4<f32>, b0: mat4x4<f32>, b1: mat4x4<f32>) -> Tile {
  return Tile(mac(b0, a0, t.c00), mac(b1, a0, t.c01), mac(b0, a1, t.c10), mac(b1, a1, t.c11));
}

// ---- scores of 8 queries and 8 keys ----

// Which of four keys count for a query.
fn counting(query: u32, keys: vec4<u32>, present: vec4<bool>) -> vec4<bool> {
  if (CAUSAL) { return present & (keys <= vec4<u32>(query)); }
  return present;
}

fn presentKeys(batch: u32, keys: vec4<u32>) -> vec4<bool> {
  let within = keys < vec4<u32>(dims.tokens);
  if (USE_MASK) {
    let at = batch * dims.tokens + min(keys, vec4<u32>(dims.tokens - 1u));
    return within & (vec4<f32>(keyMask[at.x], keyMask[at.y], keyMask[at.z], keyMask[at.w]) != vec4<f32>(0f));
  }
  return within;
}

fn masked(s: mat4x4<f32>, batch: u32, query: u32, key: u32) -> mat4x4<f32> {
  let keys = vec4<u32>(key, key + 1u, key + 2u, key + 3u);
  let present = presentKeys(batch, keys);
  let low = vec4<f32>(LOWEST);
  return mat4x4<f32>(
    select(low, s[0] * dims.scale, counting(query, keys, present)),
    select(low, s[1] * dims.scale, counting(query + 1u, keys, present)),
    select(low, s[2] * dims.scale, counting(query + 2u, keys, present)),
    select(low, s[3] * dims.scale, counting(query + 3u, keys, present)));
}

fn scores(at: Block, query: u32, key: u32) -> Tile {
  let q0 = at.query + four(query) * at.stride;
  let q1 = at.query + four(query + 4u) * at.stride;
  let k0 = at.key + four(key) * at.stride;
  let k1 = at.key + four(key + 4u) * at.stride;
  var t = Tile();
  for (var c = 0u; c < dims.d4; c++) {
    t = macTile(t, fromQkv(q0, c), fromQkv(q1, c), transpose(fromQkv(k0, c)), transpose(fromQkv(k1, c)));
  }
  return Tile(
    masked(t.c00, at.batch, query, key), masked(t.c01, at.batch, query, key + 4u),
    masked(t.c10, at.batch, query + 4u, key), masked(t.c11, at.batch, query + 4u, key + 4u));
}

// dP: dout of 8 queries · values of 8 keys.
fn weightGradients(at: Block, query: u32, key: u32) -> Tile {
  let g0 = at.row + four(query) * at.width;
  let g1 = at.row + four(query + 4u) * at.width;
  let v0 = at.value + four(key) * at.stride;
  let v1 = at.value + four(key + 4u) * at.stride;
  var t = Tile();
  for (var c = 0u; c < dims.d4; c++) {
    t = macTile(t, fromDout(g0, c), fromDout(g1, c), transpose(fromQkv(v0, c)), transpose(fromQkv(v1, c)));
  }
  return t;
}

fn expFrom(s: mat4x4<f32>, top: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(exp(s[0] - top.x), exp(s[1] - top.y), exp(s[2] - top.z), exp(s[3] - top.w));
}
fn scoreGradient(p: mat4x4<f32>, dp: mat4x4<f32>, own: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(p[0] * (dp[0] - own.x), p[1] * (dp[1] - own.y), p[2] * (dp[2] - own.z), p[3] * (dp[3] - own.w)) * dims.scale;
}

// ---- weights that wait: for four columns of a chunk the eight rows, a vec4 each ----

fn keep(place: u32, rows0: mat4x4<f32>, rows1: mat4x4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    weights[place + r] = rows0[r];
    weights[place + 4u + r] = rows1[r];
  }
}
fn kept(place: u32) -> mat4x4<f32> {
  return mat4x4<f32>(weights[place], weights[place + 1u], weights[place + 2u], weights[place + 3u]);
}

// weights [8, n] · rows of qkv from `first` on, tokens [from, from + n), columns c and c + 1 (in vec4).
fn weightedQkv(place: u32, first: u32, stride: u32, begin: u32, n: u32, c: u32) -> Tile {
  let next = min(c + 1u, dims.d4 - 1u);
  var t = Tile();
  for (var j = 0u; j < n; j += 4u) {
    let at = first + four(begin + j) * stride;
    t = macTile(t, kept(place + j * 2u), kept(place + j * 2u + 4u), fromQkv(at, c), fromQkv(at, next));
  }
  return t;
}
fn weightedDout(place: u32, first: u32, stride: u32, begin: u32, n: u32, c: u32) -> Tile {
  let next = min(c + 1u, dims.d4 - 1u);
  var t = Tile();
  for (var j = 0u; j < n; j += 4u) {
    let at = first + four(begin + j) * stride;
    t = macTile(t, kept(place + j * 2u), kept(place + j * 2u + 4u), fromDout(at, c), fromDout(at, next));
  }
  return t;
}

// Tile columns c and c + 1 of four rows, added to dqkv.
fn addRows(at: vec4<u32>, token: u32, c: u32, again: bool, low: mat4x4<f32>, high: mat4x4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    if (token + r < dims.tokens) {
      let place = at[r] + c;
      dqkv[place] = select(low[r], dqkv[place] + low[r], again);
      if (c + 1u < dims.d4) { dqkv[place + 1u] = select(high[r], dqkv[place + 1u] + high[r], again); }
    }
  }
}

// ---- forward ----

fn largest(m: mat4x4<f32>) -> vec4<f32> {
  let t = transpose(m);
  return max(max(t[0], t[1]), max(t[2], t[3]));
}

// out ← (out · shrink + tile) · norm, four rows.
fn addOut(at: vec4<u32>, token: u32, c: u32, again: bool, shrink: vec4<f32>, norm: vec4<f32>, low: mat4x4<f32>, high: mat4x4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    if (token + r < dims.tokens) {
      let place = at[r] + c;
      out[place] = select(low[r], fma(out[place], vec4<f32>(shrink[r]), low[r]), again) * norm[r];
      if (c + 1u < dims.d4) {
        out[place + 1u] = select(high[r], fma(out[place + 1u], vec4<f32>(shrink[r]), high[r]), again) * norm[r];
      }
    }
  }
}

@compute @workgroup_size(16) fn forwardTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 1u);
  let rows0 = at.row + four(at.token) * at.width;
  let rows1 = at.row + four(at.token + 4u) * at.width;
  let end = select(dims.tokens, min(at.token + 8u, dims.tokens), CAUSAL);
  var top0 = vec4<f32>(FLOOR);
  var top1 = vec4<f32>(FLOOR);
  var total0 = vec4<f32>();
  var total1 = vec4<f32>();
  for (var begin = 0u; begin < end; begin += dims.chunk) {
    let n = min(dims.chunk, end - begin);
    var highest0 = top0;
    var highest1 = top1;
    for (var j = 0u; j < n; j += 8u) {
      let s = scores(at, at.token, begin + j);
      keep(at.weights + j * 2u, s.c00, s.c10);
      keep(at.weights + j * 2u + 8u, s.c01, s.c11);
      highest0 = max(highest0, max(largest(s.c00), largest(s.c01)));
      highest1 = max(highest1, max(largest(s.c10), largest(s.c11)));
    }
    let shrink0 = exp(top0 - highest0);
    let shrink1 = exp(top1 - highest1);
    top0 = highest0;
    top1 = highest1;
    total0 *= shrink0;
    total1 *= shrink1;
    for (var j = 0u; j < n; j += 4u) {
      let p0 = expFrom(kept(at.weights + j * 2u), top0);
      let p1 = expFrom(kept(at.weights + j * 2u + 4u), top1);
      keep(at.weights + j * 2u, p0, p1);
      total0 += transpose(p0) * vec4<f32>(1f);
      total1 += transpose(p1) * vec4<f32>(1f);
    }
    let last = begin + dims.chunk >= end;
    let norm0 = select(vec4<f32>(1f), select(1f / total0, vec4<f32>(), total0 == vec4<f32>()), last);
    let norm1 = select(vec4<f32>(1f), select(1f / total1, vec4<f32>(), total1 == vec4<f32>()), last);
    for (var c = 0u; c < dims.d4; c += 2u) {
      let t = weightedQkv(at.weights, at.value, at.stride, begin, n, c);
      addOut(rows0, at.token, c, begin > 0u, shrink0, norm0, t.c00, t.c01);
      addOut(rows1, at.token + 4u, c, begin > 0u, shrink1, norm1, t.c10, t.c11);
    }
  }
  let log0 = select(top0 + log(total0), vec4<f32>(), total0 == vec4<f32>());
  let log1 = select(top1 + log(total1), vec4<f32>(), total1 == vec4<f32>());
  for (var r = 0u; r < 4u; r++) {
    if (at.token + r < dims.tokens) { logsumexp[at.line + at.token + r] = log0[r]; }
    if (at.token + 4u + r < dims.tokens) { logsumexp[at.line + at.token + 4u + r] = log1[r]; }
  }
}

// ---- backward ----

fn fourLse(line: u32, token: u32) -> vec4<f32> {
  let at = line + four(token);
  return vec4<f32>(lse[at.x], lse[at.y], lse[at.z], lse[at.w]);
}

fn ownDelta(at: vec4<u32>) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var c = 0u; c < dims.d4; c++) {
    let g = fromDout(at, c);
    let o = mat4x4<f32>(result[at.x + c], result[at.y + c], result[at.z + c], result[at.w + c]);
    sum += vec4<f32>(dot(g[0], o[0]), dot(g[1], o[1]), dot(g[2], o[2]), dot(g[3], o[3]));
  }
  return sum;
}

@compute @workgroup_size(16) fn queryGradientTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 1u);
  let own0 = ownDelta(at.row + four(at.token) * at.width);
  let own1 = ownDelta(at.row + four(at.token + 4u) * at.width);
  for (var r = 0u; r < 4u; r++) {
    if (at.token + r < dims.tokens) { delta[at.line + at.token + r] = own0[r]; }
    if (at.token + 4u + r < dims.tokens) { delta[at.line + at.token + 4u + r] = own1[r]; }
  }
  let lse0 = fourLse(at.line, at.token);
  let lse1 = fourLse(at.line, at.token + 4u);
  let rows0 = at.query + four(at.token) * at.stride;
  let rows1 = at.query + four(at.token + 4u) * at.stride;
  let end = select(dims.tokens, min(at.token + 8u, dims.tokens), CAUSAL);
  for (var begin = 0u; begin < end; begin += dims.chunk) {
    let n = min(dims.chunk, end - begin);
    for (var j = 0u; j < n; j += 8u) {
      let s = scores(at, at.token, begin + j);
      let dp = weightGradients(at, at.token, begin + j);
      keep(at.weights + j * 2u,
        scoreGradient(expFrom(s.c00, lse0), dp.c00, own0), scoreGradient(expFrom(s.c10, lse1), dp.c10, own1));
      keep(at.weights + j * 2u + 8u,
        scoreGradient(expFrom(s.c01, lse0), dp.c01, own0), scoreGradient(expFrom(s.c11, lse1), dp.c11, own1));
    }
    for (var c = 0u; c < dims.d4; c += 2u) {
      let t = weightedQkv(at.weights, at.key, at.stride, begin, n, c);
      addRows(rows0, at.token, c, begin > 0u, t.c00, t.c01);
      addRows(rows1, at.token + 4u, c, begin > 0u, t.c10, t.c11);
    }
  }
}

// Four deltas of queries, and nothing of queries beyond the last one.
fn fourDeltas(line: u32, token: u32) -> vec4<f32> {
  let at = line + four(token);
  return vec4<f32>(deltas[at.x], deltas[at.y], deltas[at.z], deltas[at.w]);
}
fn existing(p: mat4x4<f32>, query: u32) -> mat4x4<f32> {
  let is = vec4<f32>(vec4<u32>(query, query + 1u, query + 2u, query + 3u) < vec4<u32>(dims.tokens));
  return mat4x4<f32>(p[0] * is.x, p[1] * is.y, p[2] * is.z, p[3] * is.w);
}

@compute @workgroup_size(16) fn keyGradientTile(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let at = blockOf(i, 2u);
  let slopes = at.weights + dims.chunk * 2u;
  let keys0 = at.key + four(at.token) * at.stride;
  let keys1 = at.key + four(at.token + 4u) * at.stride;
  let values0 = at.value + four(at.token) * at.stride;
  let values1 = at.value + four(at.token + 4u) * at.stride;
  let first = select(0u, at.token, CAUSAL);
  for (var begin = first; begin < dims.tokens; begin += dims.chunk) {
    let n = min(dims.chunk, dims.tokens - begin);
    for (var j = 0u; j < n; j += 8u) {
      let query = begin + j;
      let s = scores(at, query, at.token);
      let dp = weightGradients(at, query, at.token);
      let lse0 = fourLse(at.line, query);
      let lse1 = fourLse(at.line, query + 4u);
      let p00 = existing(expFrom(s.c00, lse0), query);
      let p01 = existing(expFrom(s.c01, lse0), query);
      let p10 = existing(expFrom(s.c10, lse1), query + 4u);
      let p11 = existing(expFrom(s.c11, lse1), query + 4u);
      keep(at.weights + j * 2u, transpose(p00), transpose(p01));
      keep(at.weights + j * 2u + 8u, transpose(p10), transpose(p11));
      let own0 = fourDeltas(at.line, query);
      let own1 = fourDeltas(at.line, query + 4u);
      keep(slopes + j * 2u, transpose(scoreGradient(p00, dp.c00, own0)), transpose(scoreGradient(p01, dp.c01, own0)));
      keep(slopes + j * 2u + 8u, transpose(scoreGradient(p10, dp.c10, own1)), transpose(scoreGradient(p11, dp.c11, own1)));
    }
    let again = begin > first;
    for (var c = 0u; c < dims.d4; c += 2u) {
      let dk = weightedQkv(slopes, at.query, at.stride, begin, n, c);
      addRows(keys0, at.token, c, again, dk.c00, dk.c01);
      addRows(keys1, at.token + 4u, c, again, dk.c10, dk.c11);
      let dv = weightedDout(at.weights, at.row, at.width, begin, n, c);
      addRows(values0, at.token, c, again, dv.c00, dv.c01);
      addRows(values1, at.token + 4u, c, again, dv.c10, dv.c11);
    }
  }
}
