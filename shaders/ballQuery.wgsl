// Ball query (PointNet++, Qi et al. 2017, §3.2): the first K points, in the order of their index, inside a ball around each centre.
//   inside: ‖p_j − c_s‖² < r² (closed = 1: ≤).   Places beyond the last one found repeat the first one found.
//   A ball without a point takes the point nearest to its centre (smallest index among equals) and has count 0.
// centres f32 [B, S, 3], points f32 [B, N, 3] → members u32 [B, S, K], counts u32 [B, S] (at most K).
// Dispatch: one invocation for a centre, rows of `width`.

struct Dims { count: u32, width: u32, centres: u32, points: u32, members: u32, closed: u32, radius2: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> centres: array<f32>;
@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(3) var<storage, read_write> members: array<u32>;
@group(0) @binding(4) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let centre = vec3<f32>(centres[3u * i], centres[3u * i + 1u], centres[3u * i + 2u]);
  let base = (i / dims.centres) * dims.points;
  let row = i * dims.members;
  var found = 0u;
  var first = 0u;
  var nearest = 3.4028234e38f;
  for (var j = 0u; j < dims.points && found < dims.members; j++) {
    let at = 3u * (base + j);
    let away = vec3<f32>(points[at], points[at + 1u], points[at + 2u]) - centre;
    let d = dot(away, away);
    if (d < dims.radius2 || (dims.closed == 1u && d == dims.radius2)) {
      if (found == 0u) { first = j; }
      members[row + found] = j;
      found++;
    } else if (found == 0u && d < nearest) {
      nearest = d;
      first = j;
    }
  }
  counts[i] = found;
  for (var k = found; k < dims.members; k++) { members[row + k] = first; }
}
