// Sums over all axes but the channels', for batch and group normalisation.
//
//   statistics   mean = (1/n) Σ x,  variance = (1/n) Σ (x − mean)²,  rstd = 1 / √(variance + eps)            per channel
//   slopes       dshift = Σ dy,     dscale = Σ dy · (x − mean) · rstd                                        per channel
//
// x, dy   f32, read as [outer, channels, inner]; n = outer · inner elements a channel. Statistics may be shared by `share`
//         neighbouring channels (group normalisation): channel c takes mean and rstd of c / share.
// A channel is cut into `chunks` parts of `chunk` elements, the last one may be shorter. Each part leaves two numbers in partials
// [2, chunks, channels]; `finish…` takes them in order. For statistics these are the part's own mean and its Σ (x − mean)², joined by
//   M2 = Σ_i M2_i + n_i (mean_i − mean)²      (Chan, Golub & LeVeque 1983)
// so that a mean far from zero costs no digits; within a part sums run over x minus the part's first element.
//
// Dispatch, folded into two dimensions, `width` units in the first:
//   …Serial      one invocation per (chunk, channel); neighbours take neighbouring channels
//   …Serial4     the same by vec4 along inner (inner and chunk divide by 4)
//   …Parallel    one workgroup of LANES invocations per (chunk, channel); neighbours read neighbouring elements
//   finish…      one invocation per channel
//
//!include reduce.wgsl
struct Dims {
  channels: u32,
  inner: u32,
  count: u32,
  chunk: u32,
  chunks: u32,
  share: u32,
  width: u32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> dy4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> rstd: array<f32>;
@group(0) @binding(5) var<storage, read_write> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> outA: array<f32>;
@group(0) @binding(2) var<storage, read_write> outB: array<f32>;
@group(0) @binding(3) var<storage, read_write> outC: array<f32>;

override WORKGROUP: u32 = 64u;

struct Part { channel: u32, chunk: u32, begin: u32, end: u32 }

fn partOf(unit: u32) -> Part {
  let chunk = unit / dims.channels;
  let begin = chunk * dims.chunk;
  return Part(unit - chunk * dims.channels, chunk, begin, min(begin + dims.chunk, dims.count));
}

// Where element i of a channel lies.
fn placeOf(channel: u32, i: u32) -> u32 {
  let outer = i / dims.inner;
  return (outer * dims.channels + channel) * dims.inner + i - outer * dims.inner;
}

fn leave(p: Part, first: f32, second: f32) {
  partials[p.chunk * dims.channels + p.channel] = first;
  partials[(dims.chunks + p.chunk) * dims.channels + p.channel] = second;
}

// The part's mean and Σ (x − mean)² from sums over d = x − origin.
fn leaveStatistics(p: Part, origin: f32, sum: f32, squares: f32) {
  let n = f32(p.end - p.begin);
  leave(p, origin + sum / n, max(squares - sum * (sum / n), 0f));
}

// Walks a channel's elements `step` at a time.
struct Walk { at: u32, column: u32 }

fn start(p: Part) -> Walk {
  return Walk(placeOf(p.channel, p.begin), p.begin % dims.inner);
}

fn advance(w: Walk, step: u32) -> Walk {
  let column = w.column + step;
  if (column >= dims.inner) { return Walk(w.at + step + (dims.channels - 1u) * dims.inner, 0u); }
  return Walk(w.at + step, column);
}

fn total(v: vec4<f32>) -> f32 { return v.x + v.y + (v.z + v.w); }

@compute @workgroup_size(WORKGROUP)
fn statisticsSerial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.channels * dims.chunks) { return; }
  let p = partOf(unit);
  var w = start(p);
  let origin = x[w.at];
  var sum = 0f;
  var squares = 0f;
  for (var i = p.begin; i < p.end; i++) {
    let d = x[w.at] - origin;
    sum += d;
    squares += d * d;
    w = advance(w, 1u);
  }
  leaveStatistics(p, origin, sum, squares);
}

@compute @workgroup_size(WORKGROUP)
fn statisticsSerial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.channels * dims.chunks) { return; }
  let p = partOf(unit);
  var w = start(p);
  let origin = x4[w.at / 4u].x;
  var sum = vec4<f32>();
  var squares = vec4<f32>();
  for (var i = p.begin; i < p.end; i += 4u) {
    let d = x4[w.at / 4u] - origin;
    sum += d;
    squares += d * d;
    w = advance(w, 4u);
  }
  leaveStatistics(p, origin, total(sum), total(squares));
}

@compute @workgroup_size(LANES)
fn statisticsParallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let unit = group.y * dims.width + group.x;
  let p = partOf(min(unit, dims.channels * dims.chunks - 1u));
  let origin = x[placeOf(p.channel, p.begin)];
  var sum = 0f;
  var squares = 0f;
  for (var i = p.begin + lane; i < p.end; i += LANES) {
    let d = x[placeOf(p.channel, i)] - origin;
    sum += d;
    squares += d * d;
  }
  let sums = sumLanes(lane, sum);
  let allSquares = sumLanes(lane, squares);
  if (lane == 0u && unit < dims.channels * dims.chunks) { leaveStatistics(p, origin, sums, allSquares); }
}

// outA: mean, outB: variance (of the count, not count − 1), outC: rstd.
@compute @workgroup_size(WORKGROUP)
fn finishStatistics(@builtin(global_invocation_id) id: vec3<u32>) {
  let channel = id.y * dims.width + id.x;
  if (channel >= dims.channels) { return; }
  let origin = partials[channel];
  var sum = 0f;
  for (var c = 1u; c < dims.chunks; c++) {
    let n = min(dims.chunk, dims.count - c * dims.chunk);
    sum += f32(n) * (partials[c * dims.channels + channel] - origin);
  }
  let m = origin + sum / f32(dims.count);
  var squares = 0f;
  for (var c = 0u; c < dims.chunks; c++) {
    let n = min(dims.chunk, dims.count - c * dims.chunk);
    let d = partials[c * dims.channels + channel] - m;
    squares += partials[(dims.chunks + c) * dims.channels + channel] + f32(n) * (d * d);
  }
  let v = squares / f32(dims.count);
  outA[channel] = m;
  outB[channel] = v;
  outC[channel] = inverseSqrt(v + dims.eps);
}

@compute @workgroup_size(WORKGROUP)
fn slopesSerial(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.channels * dims.chunks) { return; }
  let p = partOf(unit);
  var w = start(p);
  let m = mean[p.channel / dims.share];
  var sum = 0f;
  var product = 0f;
  for (var i = p.begin; i < p.end; i++) {
    let g = dy[w.at];
    sum += g;
    product += g * (x[w.at] - m);
    w = advance(w, 1u);
  }
  leave(p, sum, product * rstd[p.channel / dims.share]);
}

@compute @workgroup_size(WORKGROUP)
fn slopesSerial4(@builtin(global_invocation_id) id: vec3<u32>) {
  let unit = id.y * dims.width + id.x;
  if (unit >= dims.channels * dims.chunks) { return; }
  let p = partOf(unit);
  var w = start(p);
  let m = mean[p.channel / dims.share];
  var sum = vec4<f32>();
  var product = vec4<f32>();
  for (var i = p.begin; i < p.end; i += 4u) {
    let g = dy4[w.at / 4u];
    sum += g;
    product += g * (x4[w.at / 4u] - m);
    w = advance(w, 4u);
  }
  leave(p, total(sum), total(product) * rstd[p.channel / dims.share]);
}

@compute @workgroup_size(LANES)
fn slopesParallel(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let unit = group.y * dims.width + group.x;
  let p = partOf(min(unit, dims.channels * dims.chunks - 1u));
  let m = mean[p.channel / dims.share];
  var sum = 0f;
  var product = 0f;
  for (var i = p.begin + lane; i < p.end; i += LANES) {
    let at = placeOf(p.channel, i);
    sum += dy[at];
    product += dy[at] * (x[at] - m);
  }
  let sums = sumLanes(lane, sum);
  let products = sumLanes(lane, product);
  if (lane == 0u && unit < dims.channels * dims.chunks) { leave(p, sums, products * rstd[p.channel / dims.share]); }
}

// outA: dshift, outB: dscale.
@compute @workgroup_size(WORKGROUP)
fn finishSlopes(@builtin(global_invocation_id) id: vec3<u32>) {
  let channel = id.y * dims.width + id.x;
  if (channel >= dims.channels) { return; }
  var sum = 0f;
  var product = 0f;
  for (var c = 0u; c < dims.chunks; c++) {
    sum += partials[c * dims.channels + channel];
    product += partials[(dims.chunks + c) * dims.channels + channel];
  }
  outA[channel] = sum;
  outB[channel] = product;
}
