// Multi-head self-attention from packed projections, forward and backward, without the N×N matrix (Dao 2023, "FlashAttention-2").
//
//   qkv [B, N, 3·H·d] = q | k | v, each [H, d];   s_ij = scale · q_i·k_j;   out_i = Σ_j softmax_j(s_ij) v_j    [B, N, H·d]
//   logsumexp [B, H, N] = log Σ_j exp s_ij, kept for the backward pass
//   key j counts for query i if keyMask[b, j] ≠ 0 (with USE_MASK) and j ≤ i (with CAUSAL); a query without keys gives zeros
//
// Backward, with P_ij = exp(s_ij − logsumexp_i), dP_ij = dout_i·v_j, δ_i = dout_i·out_i, dS_ij = P_ij (dP_ij − δ_i) · scale:
//   queryGradient   δ_i and dq_i = Σ_j dS_ij k_j          one invocation for a query
//   keyGradient     dk_j = Σ_i dS_ij q_i, dv_j = Σ_i P_ij dout_i     one invocation for a key
//   attentionMap    P [B, H, N, N] written out, for display
//
// d = 4·D4 (the loader sets D4); a head is D4 vec4. Softmax runs online: a new maximum rescales what was summed. Neighbouring
// invocations work on neighbouring rows of the same head and read the same keys at the same time.
// Dispatch: one invocation for a row of a head, (b·H + h)·N + i, rows of `width`.

const D4: u32 = 4u;

struct Dims { count: u32, width: u32, tokens: u32, heads: u32, scale: f32 }

override CAUSAL: bool = false;
override USE_MASK: bool = false;

alias Head = array<vec4<f32>, D4>;

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
@group(0) @binding(3) var<storage, read_write> map: array<f32>;

// Which row of which head an invocation has. Places in vec4: of the row's own query in qkv, of the head's first query, key and value.
struct Row { batch: u32, head: u32, token: u32, stride: u32, query: u32, firstQuery: u32, firstKey: u32, firstValue: u32 }

fn rowOf(i: u32) -> Row {
  let token = i % dims.tokens;
  let head = (i / dims.tokens) % dims.heads;
  let batch = i / (dims.tokens * dims.heads);
  let width = dims.heads * D4;
  let stride = 3u * width;
  let first = batch * dims.tokens * stride + head * D4;
  return Row(batch, head, token, stride, first + token * stride, first, first + width, first + 2u * width);
}

// Keys that a query may see: [0, end). Queries that may see a key: [begin, N).
fn keyEnd(token: u32) -> u32 { return select(dims.tokens, token + 1u, CAUSAL); }
fn queryBegin(token: u32) -> u32 { return select(0u, token, CAUSAL); }

fn counts(batch: u32, key: u32) -> bool {
  if (USE_MASK) { return keyMask[batch * dims.tokens + key] != 0f; }
  return true;
}

const LOWEST = -3.0e38f;

@compute @workgroup_size(32) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = rowOf(i);
  var q: Head;
  var sum: Head;
  for (var c = 0u; c < D4; c++) {
    q[c] = qkv[row.query + c] * dims.scale;
    sum[c] = vec4<f32>(0f);
  }
  var highest = LOWEST;
  var total = 0f;
  let end = keyEnd(row.token);
  for (var j = 0u; j < end; j++) {
    if (counts(row.batch, j)) {
      let key = row.firstKey + j * row.stride;
      var products = q[0] * qkv[key];
      for (var c = 1u; c < D4; c++) { products = fma(q[c], qkv[key + c], products); }
      let s = dot(products, vec4<f32>(1f));
      if (s > highest) {
        let shrink = exp(highest - s);
        highest = s;
        total *= shrink;
        for (var c = 0u; c < D4; c++) { sum[c] *= shrink; }
      }
      let p = exp(s - highest);
      total += p;
      let value = row.firstValue + j * row.stride;
      for (var c = 0u; c < D4; c++) { sum[c] = fma(vec4<f32>(p), qkv[value + c], sum[c]); }
    }
  }
  let place = ((row.batch * dims.tokens + row.token) * dims.heads + row.head) * D4;
  let norm = select(1f / total, 0f, total == 0f);
  for (var c = 0u; c < D4; c++) { out[place + c] = sum[c] * norm; }
  logsumexp[i] = select(highest + log(total), 0f, total == 0f);
}

@compute @workgroup_size(32) fn queryGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = rowOf(i);
  let place = ((row.batch * dims.tokens + row.token) * dims.heads + row.head) * D4;
  var q: Head;
  var g: Head;
  var dq: Head;
  var inner = vec4<f32>(0f);
  for (var c = 0u; c < D4; c++) {
    q[c] = qkv[row.query + c] * dims.scale;
    g[c] = dout[place + c];
    inner = fma(g[c], result[place + c], inner);
    dq[c] = vec4<f32>(0f);
  }
  let own = dot(inner, vec4<f32>(1f));
  delta[i] = own;
  let norm = lse[i];
  let end = keyEnd(row.token);
  for (var j = 0u; j < end; j++) {
    if (counts(row.batch, j)) {
      let key = row.firstKey + j * row.stride;
      let value = row.firstValue + j * row.stride;
      var s = vec4<f32>(0f);
      var dp = vec4<f32>(0f);
      for (var c = 0u; c < D4; c++) {
        s = fma(q[c], qkv[key + c], s);
        dp = fma(g[c], qkv[value + c], dp);
      }
      let p = exp(dot(s, vec4<f32>(1f)) - norm);
      let ds = p * (dot(dp, vec4<f32>(1f)) - own);
      for (var c = 0u; c < D4; c++) { dq[c] = fma(vec4<f32>(ds), qkv[key + c], dq[c]); }
    }
  }
  for (var c = 0u; c < D4; c++) { dqkv[row.query + c] = dq[c] * dims.scale; }
}

@compute @workgroup_size(32) fn keyGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = rowOf(i);
  let key = row.firstKey + row.token * row.stride;
  let value = row.firstValue + row.token * row.stride;
  var k: Head;
  var v: Head;
  var dk: Head;
  var dv: Head;
  for (var c = 0u; c < D4; c++) {
    k[c] = qkv[key + c] * dims.scale;
    v[c] = qkv[value + c];
    dk[c] = vec4<f32>(0f);
    dv[c] = vec4<f32>(0f);
  }
  if (counts(row.batch, row.token)) {
    let firstRow = i - row.token;
    for (var n = queryBegin(row.token); n < dims.tokens; n++) {
      let query = row.firstQuery + n * row.stride;
      let place = ((row.batch * dims.tokens + n) * dims.heads + row.head) * D4;
      var s = vec4<f32>(0f);
      var dp = vec4<f32>(0f);
      for (var c = 0u; c < D4; c++) {
        s = fma(k[c], qkv[query + c], s);
        dp = fma(v[c], dout[place + c], dp);
      }
      let p = exp(dot(s, vec4<f32>(1f)) - lse[firstRow + n]);
      let ds = p * (dot(dp, vec4<f32>(1f)) - deltas[firstRow + n]);
      for (var c = 0u; c < D4; c++) {
        dk[c] = fma(vec4<f32>(ds), qkv[query + c], dk[c]);
        dv[c] = fma(vec4<f32>(p), dout[place + c], dv[c]);
      }
    }
  }
  for (var c = 0u; c < D4; c++) {
    dqkv[key + c] = dk[c] * dims.scale;
    dqkv[value + c] = dv[c];
  }
}

fn score(row: Row, j: u32) -> f32 {
  let key = row.firstKey + j * row.stride;
  var s = vec4<f32>(0f);
  for (var c = 0u; c < D4; c++) { s = fma(qkv[row.query + c], qkv[key + c], s); }
  return dot(s, vec4<f32>(1f)) * dims.scale;
}

@compute @workgroup_size(32) fn attentionMap(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = rowOf(i);
  let end = keyEnd(row.token);
  var highest = LOWEST;
  for (var j = 0u; j < end; j++) {
    if (counts(row.batch, j)) { highest = max(highest, score(row, j)); }
  }
  var total = 0f;
  for (var j = 0u; j < dims.tokens; j++) {
    var p = 0f;
    if (j < end && counts(row.batch, j)) { p = exp(score(row, j) - highest); }
    map[i * dims.tokens + j] = p;
    total += p;
  }
  let norm = select(1f / total, 0f, total == 0f);
  for (var j = 0u; j < dims.tokens; j++) { map[i * dims.tokens + j] *= norm; }
}
