// k nearest neighbours, exact, by comparing every query with every point; no matrix of distances in memory.
//   d(i, j) = Σ_c (q_ic − p_jc)²  (not through ‖q‖² + ‖p‖² − 2q·p, which cancels: equal points have distance 0 exactly)
//   neighbours[b, i] = the K points with the smallest (d, j), in this order; skipSelf = 1 leaves j = i out
// queries f32 [B, M, D], points f32 [B, N, D] → neighbours u32 [B, M, K], distances f32 [B, M, K].
//   transpose  points → columns vec4 [B, D, quads], four points in one: one invocation for a vec4, rows of `width`
//   search     one invocation for a query of first … first + count − 1; workgroups (queries / 64, clouds), so that the address of a point is
//              the same for a whole workgroup. Eight points a time; the K best so far lie sorted in private memory.

const K: u32 = 20u;

struct Dims { count: u32, width: u32, first: u32, queries: u32, points: u32, depth: u32, quads: u32, skipSelf: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> queries: array<f32>;
@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> transposed: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> neighbours: array<u32>;
@group(0) @binding(4) var<storage, read_write> distances: array<f32>;

const FAR = 3.4028234e38f;

@compute @workgroup_size(64) fn transpose(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let quad = i % dims.quads;
  let c = (i / dims.quads) % dims.depth;
  let cloud = i / (dims.quads * dims.depth);
  var four = vec4<f32>(FAR);
  for (var k = 0u; k < 4u; k++) {
    let j = 4u * quad + k;
    if (j < dims.points) { four[k] = points[(cloud * dims.points + j) * dims.depth + c]; }
  }
  transposed[i] = four;
}

var<private> bestDistance: array<f32, K>;
var<private> bestIndex: array<u32, K>;

// Points come in the order of their index: an equal distance goes behind. Every place is written, by constant steps, so that compilers keep
// the list in registers.
fn insert(distance: f32, index: u32) {
  for (var slot = K - 1u; slot > 0u; slot--) {
    let moved = distance < bestDistance[slot - 1u];
    let here = distance < bestDistance[slot];
    bestDistance[slot] = select(select(bestDistance[slot], distance, here), bestDistance[slot - 1u], moved);
    bestIndex[slot] = select(select(bestIndex[slot], index, here), bestIndex[slot - 1u], moved);
  }
  if (distance < bestDistance[0]) {
    bestDistance[0] = distance;
    bestIndex[0] = index;
  }
}

@compute @workgroup_size(64)
fn search(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let place = group.x * 64u + lane;
  if (place >= dims.count) { return; }
  let cloud = group.y;
  let query = cloud * dims.queries + dims.first + place;
  let own = select(dims.points, dims.first + place, dims.skipSelf == 1u);
  for (var k = 0u; k < K; k++) {
    bestDistance[k] = FAR;
    bestIndex[k] = dims.points;
  }
  for (var quad = 0u; quad < dims.quads; quad += 2u) {
    var low = vec4<f32>(0f);
    var high = vec4<f32>(0f);
    var at = cloud * dims.depth * dims.quads + quad;
    for (var c = 0u; c < dims.depth; c++) {
      let q = vec4<f32>(queries[query * dims.depth + c]);
      let a = q - columns[at];
      let b = q - columns[at + 1u];
      low += a * a;
      high += b * b;
      at += dims.quads;
    }
    let worst = vec4<f32>(bestDistance[K - 1u]);
    if (any(min(low, high) < worst)) {
      for (var k = 0u; k < 8u; k++) {
        let j = 4u * quad + k;
        let d = select(low[k % 4u], high[k % 4u], k >= 4u);
        if (d < bestDistance[K - 1u] && j != own && j < dims.points) { insert(d, j); }
      }
    }
  }
  for (var k = 0u; k < K; k++) {
    neighbours[query * K + k] = bestIndex[k];
    distances[query * K + k] = bestDistance[k];
  }
}
