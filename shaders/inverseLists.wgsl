// For each row, the picks that name it: indices u32 [B, P], values below R → order u32 [B, P] (picks sorted by row, stable) and
// starts u32 [B, R + 1]: row r was named by the picks order[starts[r]] … order[starts[r + 1] − 1], ascending. An index of R or more
// stands behind them all. What a gather's gradient adds up over, without atomics and in a fixed order.
//
// A least-significant-digit radix sort, 4 bits a pass; each invocation has `share` picks of its own, one after the other, so that the order
// is stable without a barrier:
//   tally    counts[b, digit, chunk] = how many of the chunk's picks have the digit      one invocation for a chunk
//   scan     counts ← exclusive prefix sums over (digit, chunk)                          one workgroup of LANES for a batch item
//   deal     to[counts[b, digit, chunk]++] = pick, chunk by chunk                        one invocation for a chunk
//   bounds   starts[b, r] = first place in order whose row is ≥ r (binary search)        one invocation for a start
// Rows of `width` invocations. The first pass (first = 1) takes the picks as they come.

struct Dims { count: u32, width: u32, picks: u32, rows: u32, chunks: u32, share: u32, shift: u32, first: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> dealt: array<u32>;
@group(0) @binding(4) var<storage, read_write> starts: array<u32>;

override LANES: u32 = 256u;
var<workgroup> sums: array<u32, LANES>;

fn rowOf(cloud: u32, pick: u32) -> u32 {
  return min(indices[cloud * dims.picks + pick], dims.rows);
}

fn digitOf(cloud: u32, pick: u32) -> u32 {
  return (rowOf(cloud, pick) >> dims.shift) & 15u;
}

@compute @workgroup_size(64) fn tally(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cloud = i / dims.chunks;
  let chunk = i % dims.chunks;
  var own: array<u32, 16>;
  let end = min((chunk + 1u) * dims.share, dims.picks);
  for (var e = chunk * dims.share; e < end; e++) {
    var pick = e;
    if (dims.first == 0u) { pick = source[cloud * dims.picks + e]; }
    own[digitOf(cloud, pick)]++;
  }
  for (var d = 0u; d < 16u; d++) { counts[(cloud * 16u + d) * dims.chunks + chunk] = own[d]; }
}

@compute @workgroup_size(LANES)
fn scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let length = 16u * dims.chunks;
  let base = group.x * length;
  let span = (length + LANES - 1u) / LANES;
  let begin = min(lane * span, length);
  let end = min(begin + span, length);
  var own = 0u;
  for (var i = begin; i < end; i++) { own += counts[base + i]; }
  sums[lane] = own;
  workgroupBarrier();
  var before = 0u;
  for (var other = 0u; other < lane; other++) { before += sums[other]; }
  for (var i = begin; i < end; i++) {
    let here = counts[base + i];
    counts[base + i] = before;
    before += here;
  }
}

@compute @workgroup_size(64) fn deal(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cloud = i / dims.chunks;
  let chunk = i % dims.chunks;
  var next: array<u32, 16>;
  for (var d = 0u; d < 16u; d++) { next[d] = counts[(cloud * 16u + d) * dims.chunks + chunk]; }
  let end = min((chunk + 1u) * dims.share, dims.picks);
  for (var e = chunk * dims.share; e < end; e++) {
    var pick = e;
    if (dims.first == 0u) { pick = source[cloud * dims.picks + e]; }
    let digit = digitOf(cloud, pick);
    dealt[cloud * dims.picks + next[digit]] = pick;
    next[digit]++;
  }
}

@compute @workgroup_size(64) fn bounds(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cloud = i / (dims.rows + 1u);
  let row = i % (dims.rows + 1u);
  var low = 0u;
  var high = dims.picks;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (rowOf(cloud, source[cloud * dims.picks + middle]) < row) { low = middle + 1u; } else { high = middle; }
  }
  starts[i] = low;
}
