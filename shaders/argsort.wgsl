// indices[r] = the order of row r's keys (stable: equal keys by index; NaN last), ranks[r] = where each went (its inverse).
// rank(i) = #{j : key_j < key_i, or key_j = key_i and j < i}: one pass over the row for each element, no barrier. O(n²) comparisons
// beat a sorting network with its barriers up to some hundreds of keys (n ≤ 1024 here).
//   keys [rows, n] → indices, ranks u32 [rows, n].  Dispatch: one invocation for a key, rows of `width`.

struct Dims { count: u32, width: u32, n: u32, descending: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> keys: array<f32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> ranks: array<u32>;

// The bits of a float in an order in which unsigned comparison is numeric comparison. NaN becomes the largest; −0 equals 0.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x + 0f);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  let up = select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
  let same = select(up, 0x80000000u, (bits & 0x7fffffffu) == 0u);
  return select(same, ~same, dims.descending != 0u);
}

@compute @workgroup_size(64) fn rankCount(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = (i / dims.n) * dims.n;
  let own = i - row;
  let key = ordered(keys[i]);
  var rank = 0u;
  for (var j = 0u; j < dims.n; j++) {
    let other = ordered(keys[row + j]);
    rank += select(0u, 1u, other < key || (other == key && j < own));
  }
  ranks[i] = rank;
  indices[row + rank] = own;
}
