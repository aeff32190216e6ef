// indices[r] = the order of row r's keys (stable: equal keys by index; NaN last), ranks[r] = where each went (its inverse).
//   keys [rows, n] → indices, ranks u32 [rows, n].  Dispatch: one invocation for a key, rows of `width`.
//
// Entry points
//   rankCount    rank(i) = #{j : key_j < key_i, or key_j = key_i and j < i}: one pass over the row for each element, no barrier. O(n²)
//                comparisons beat anything with passes up to some hundreds of keys.
//   sortRuns     the same within runs of `run` keys: sorted runs of (key, index) to begin with
//   mergeRuns    runs of `run` to runs of twice that: an element goes as many places further as elements of the neighbour run go before
//                it, found by binary search. Of equal keys the left run's go first: stable, no barrier, the same bits everywhere.
//   writeOrder   the one run that is left → indices and ranks

struct Dims { count: u32, width: u32, n: u32, run: u32, descending: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> keys: array<f32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> ranks: array<u32>;
// A sorted run holds keys as ordered bits, with the index within the row that each came from.
@group(0) @binding(1) var<storage, read> sorted: array<u32>;
@group(0) @binding(2) var<storage, read> origin: array<u32>;
@group(0) @binding(3) var<storage, read_write> merged: array<u32>;
@group(0) @binding(4) var<storage, read_write> mergedOrigin: array<u32>;
@group(0) @binding(5) var<storage, read_write> order: array<u32>;
@group(0) @binding(6) var<storage, read_write> inverse: array<u32>;

// The bits of a float in an order in which unsigned comparison is numeric comparison. NaN becomes the largest; −0 equals 0.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x + 0f);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  let up = select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
  let same = select(up, 0x80000000u, (bits & 0x7fffffffu) == 0u);
  return select(same, ~same, dims.descending != 0u);
}

// How many keys of row elements [begin, end) go before the one at `own`.
fn before(row: u32, begin: u32, end: u32, own: u32) -> u32 {
  let key = ordered(keys[row + own]);
  var rank = 0u;
  for (var j = begin; j < end; j++) {
    let other = ordered(keys[row + j]);
    rank += select(0u, 1u, other < key || (other == key && j < own));
  }
  return rank;
}

@compute @workgroup_size(64) fn rankCount(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = (i / dims.n) * dims.n;
  let own = i - row;
  let rank = before(row, 0u, dims.n, own);
  ranks[i] = rank;
  indices[row + rank] = own;
}

@compute @workgroup_size(64) fn sortRuns(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = (i / dims.n) * dims.n;
  let own = i - row;
  let begin = (own / dims.run) * dims.run;
  let place = row + begin + before(row, begin, min(begin + dims.run, dims.n), own);
  merged[place] = ordered(keys[i]);
  mergedOrigin[place] = own;
}

@compute @workgroup_size(64) fn mergeRuns(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = (i / dims.n) * dims.n;
  let own = i - row;
  let key = sorted[i];
  let isLeft = (own / dims.run) % 2u == 0u;
  let begin = (own / dims.run) * dims.run;
  // The neighbour run [low, high), which may be short or missing at the row's end.
  let start = min(select(begin - dims.run, begin + dims.run, isLeft), dims.n);
  var low = start;
  var high = min(start + dims.run, dims.n);
  while (low < high) {
    let middle = (low + high) / 2u;
    let other = sorted[row + middle];
    if (other < key || (!isLeft && other == key)) { low = middle + 1u; } else { high = middle; }
  }
  let first = select(begin - dims.run, begin, isLeft);
  let place = row + first + (own - begin) + (low - start);
  merged[place] = key;
  mergedOrigin[place] = origin[i];
}

@compute @workgroup_size(64) fn writeOrder(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = (i / dims.n) * dims.n;
  order[i] = origin[i];
  inverse[row + origin[i]] = i - row;
}
