// Farthest point sampling (PointNet++, Qi et al. 2017, §3.2): each pick is the point farthest from all picks before it.
//   d_i ← min(d_i, ‖p_i − last‖²),   next = argmax_i d_i, ties by the smallest index
// points f32 [B, N, 3] → picked u32 [B, S]; picked[0] = start. nearest [B, N] holds the running minimum, parts the candidates of workgroups.
//   narrow  one workgroup of LANES for a cloud makes the picks first … last − 1 (first ≥ 1) in one dispatch
//   wide    one pick in one dispatch of (groups, B) workgroups: each settles pick `first` − 1 from the parts that the dispatch before it
//           left, then brings its own share of the points up to date and leaves its candidate for pick `first`
// A point with a NaN is as far as can be: clouds come in without.

struct Dims { points: u32, picks: u32, start: u32, first: u32, last: u32, groups: u32, clouds: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> nearest: array<f32>;
@group(0) @binding(3) var<storage, read_write> picked: array<u32>;
@group(0) @binding(4) var<storage, read_write> partDistance: array<f32>;
@group(0) @binding(5) var<storage, read_write> partIndex: array<u32>;

override LANES: u32 = 256u;
var<workgroup> laneDistance: array<f32, LANES>;
var<workgroup> laneIndex: array<u32, LANES>;

const FAR = 3.4028234e38f;

struct Candidate { distance: f32, index: u32 }

fn farther(a: Candidate, b: Candidate) -> Candidate {
  if (b.distance > a.distance || (b.distance == a.distance && b.index < a.index)) { return b; }
  return a;
}

fn point(i: u32) -> vec3<f32> {
  return vec3<f32>(points[3u * i], points[3u * i + 1u], points[3u * i + 2u]);
}

// Brings points begin + lane, … below end of a cloud up to date; the farthest of them.
fn update(cloud: u32, pick: u32, begin: u32, end: u32, lane: u32, fresh: bool) -> Candidate {
  let base = cloud * dims.points;
  let last = point(base + pick);
  var best = Candidate(-1f, dims.points - 1u);
  for (var i = begin + lane; i < end; i += LANES) {
    let away = point(base + i) - last;
    var d = dot(away, away);
    if (!fresh) { d = min(d, nearest[base + i]); }
    nearest[base + i] = d;
    if (d > best.distance) { best = Candidate(d, i); }
  }
  return best;
}

fn ofLanes(lane: u32, own: Candidate) -> Candidate {
  var best = own;
  laneDistance[lane] = best.distance;
  laneIndex[lane] = best.index;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach = reach / 2u) {
    if (lane < reach) {
      best = farther(best, Candidate(laneDistance[lane + reach], laneIndex[lane + reach]));
      laneDistance[lane] = best.distance;
      laneIndex[lane] = best.index;
    }
    workgroupBarrier();
  }
  let all = Candidate(laneDistance[0], laneIndex[0]);
  workgroupBarrier();
  return all;
}

@compute @workgroup_size(LANES)
fn narrow(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let cloud = group.x;
  let row = cloud * dims.picks;
  var pick = dims.start;
  if (dims.first > 1u) { pick = picked[row + dims.first - 1u]; }
  if (lane == 0u && dims.first == 1u) { picked[row] = pick; }
  for (var s = dims.first; s < dims.last; s++) {
    pick = ofLanes(lane, update(cloud, pick, 0u, dims.points, lane, s == 1u)).index;
    if (lane == 0u) { picked[row + s] = pick; }
  }
}

@compute @workgroup_size(LANES)
fn wide(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let cloud = group.y;
  // Two sets of parts take turns, so that no workgroup overwrites what another still reads.
  let before = (((dims.first + 1u) % 2u) * dims.clouds + cloud) * dims.groups;
  let after = ((dims.first % 2u) * dims.clouds + cloud) * dims.groups;
  var pick = dims.start;
  if (dims.first > 1u) {
    var best = Candidate(partDistance[before], partIndex[before]);
    for (var g = 1u; g < dims.groups; g++) { best = farther(best, Candidate(partDistance[before + g], partIndex[before + g])); }
    pick = best.index;
  }
  if (group.x == 0u && lane == 0u) { picked[cloud * dims.picks + dims.first - 1u] = pick; }
  let share = (dims.points + dims.groups - 1u) / dims.groups;
  let begin = group.x * share;
  let own = ofLanes(lane, update(cloud, pick, begin, min(begin + share, dims.points), lane, dims.first == 1u));
  if (lane == 0u) {
    partDistance[after + group.x] = own.distance;
    partIndex[after + group.x] = own.index;
  }
}
