// The exact denoiser of an isotropic Gaussian mixture, which with deviations 0 is that of a training set (Karras et al. 2022, appendix B):
//
//   x = α x0 + β ε,   v_k = α² sd_k² + β²,   r_k ∝ exp(s_k),   s_k = log w_k − (D/2) log(v_k / v_0) − |x − α μ_k|² / 2v_k
//   denoised = Σ_k r_k (α sd_k² x + β² μ_k) / v_k
//   logDensity = log Σ_k exp(s_k) − (D/2) log(2π v_0)
//
// x f32 [B, D];  level vec2 [B]: (α, β);  means f32 [N, D];  logWeights, deviations f32 [N];  denoised f32 [B, D];  logDensity f32 [B]
// The determinants are taken relative to the first component's, so that they vanish, rounding and all, where deviations are equal.
//
// Dispatch:
//   planar        one invocation per row, D ≤ 4: one pass over the components, the largest exponent kept up to date
//   scores        one invocation per row and component: s [B, N]
//   normalise     one workgroup of LANES invocations per row: the largest exponent and the sum of the rest, statistics vec2 [B]
//   average       one invocation per element of denoised
//
//!include reduce.wgsl
struct Dims {
  rows: u32,
  depth: u32,
  components: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> level: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> logWeights: array<f32>;
@group(0) @binding(5) var<storage, read> deviations: array<f32>;
@group(0) @binding(6) var<storage, read_write> denoised: array<f32>;
@group(0) @binding(7) var<storage, read_write> logDensity: array<f32>;
@group(0) @binding(6) var<storage, read_write> score: array<f32>;
@group(0) @binding(1) var<storage, read> knownScore: array<f32>;
@group(0) @binding(8) var<storage, read_write> statistics: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> knownStatistics: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> knownScores: array<f32>;

fn variance(at: vec2<f32>, k: u32) -> f32 {
  let spread = at.x * deviations[k];
  return max(spread * spread + at.y * at.y, 1e-20f);
}

// s_k from the squared distance.
fn scoreOf(at: vec2<f32>, k: u32, squared: f32) -> f32 {
  let v = variance(at, k);
  let first = variance(at, 0u);
  var value = logWeights[k] - squared / (2f * v);
  if (v != first) {
    value -= 0.5f * f32(dims.depth) * log(v / first);
  }
  return value;
}

fn densityOf(at: vec2<f32>, largest: f32, sum: f32) -> f32 {
  return largest + log(sum) - 0.5f * f32(dims.depth) * log(6.28318530717958648f * variance(at, 0u));
}

@compute @workgroup_size(64)
fn planar(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.rows) {
    return;
  }
  let at = level[row];
  let depth = dims.depth;
  // Coordinates beyond the depth repeat the last and count nothing.
  let offset = min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(depth - 1u));
  let counts = select(vec4<f32>(), vec4<f32>(1f), vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(depth));
  let here = vec4<f32>(
    x[row * depth],
    x[row * depth + offset.y],
    x[row * depth + offset.z],
    x[row * depth + offset.w]
  );
  let first = variance(at, 0u);
  var largest = -3.4e38f;
  var sum = 0f;
  var total = vec4<f32>();
  for (var k = 0u; k < dims.components; k++) {
    let base = k * depth;
    let mean = vec4<f32>(means[base], means[base + offset.y], means[base + offset.z], means[base + offset.w]);
    let away = (here - at.x * mean) * counts;
    let sd = deviations[k];
    let perVariance = 1f / variance(at, k);
    var s = logWeights[k] - 0.5f * dot(away, away) * perVariance;
    if (sd != deviations[0]) {
      s += 0.5f * f32(depth) * log(first * perVariance);
    }
    var share = 1f;
    if (s > largest) {
      let keep = exp(largest - s);
      sum *= keep;
      total *= keep;
      largest = s;
    } else {
      share = exp(s - largest);
    }
    sum += share;
    total += (share * perVariance) * (at.x * sd * sd * here + at.y * at.y * mean);
  }
  for (var d = 0u; d < depth; d++) {
    denoised[row * depth + d] = total[d] / sum;
  }
  logDensity[row] = densityOf(at, largest, sum);
}

@compute @workgroup_size(64)
fn scores(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.rows * dims.components) {
    return;
  }
  let row = i / dims.components;
  let k = i % dims.components;
  let at = level[row];
  // Sums of 32 first, so that rounding grows with their number alone.
  var squared = 0f;
  for (var first = 0u; first < dims.depth; first += 32u) {
    var part = 0f;
    for (var d = first; d < min(first + 32u, dims.depth); d++) {
      let away = x[row * dims.depth + d] - at.x * means[k * dims.depth + d];
      part += away * away;
    }
    squared += part;
  }
  score[i] = scoreOf(at, k, squared);
}

@compute @workgroup_size(LANES)
fn normalise(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let wanted = group.y * dims.width + group.x;
  let row = min(wanted, dims.rows - 1u);
  let first = row * dims.components;
  var laneLargest = -3.4e38f;
  for (var k = lane; k < dims.components; k += LANES) {
    laneLargest = max(laneLargest, knownScore[first + k]);
  }
  let largest = maxLanes(lane, laneLargest);
  var laneSum = 0f;
  for (var k = lane; k < dims.components; k += LANES) {
    laneSum += exp(knownScore[first + k] - largest);
  }
  let sum = sumLanes(lane, laneSum);
  if (lane == 0u && wanted < dims.rows) {
    statistics[row] = vec2<f32>(largest, sum);
    logDensity[row] = densityOf(level[row], largest, sum);
  }
}

@compute @workgroup_size(64)
fn average(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.rows * dims.depth) {
    return;
  }
  let row = i / dims.depth;
  let d = i % dims.depth;
  let at = level[row];
  let known = knownStatistics[row];
  let first = row * dims.components;
  var total = 0f;
  for (var k = 0u; k < dims.components; k++) {
    let share = exp(knownScores[first + k] - known.x);
    if (share > 0f) {
      let sd = deviations[k];
      total += share * (at.x * sd * sd * x[i] + at.y * at.y * means[k * dims.depth + d]) / variance(at, k);
    }
  }
  denoised[i] = total / known.y;
}
