// Softmax and cross-entropy of rows in one: logits [R, K], labels u32 [R] → loss [R], logsumexp [R].
//   loss_r = (1−α)(lse − z_y) + α (lse − mean z),  lse = log Σ_k exp z_k        α: label smoothing (Szegedy et al. 2016)
//   dz_k   = g_r · (exp(z_k − lse) − (1−α)[k = y] − α/K)
// A label of K or more is ignored: loss and gradient 0. Dispatch: one invocation for a row (forward), for an element (gradient).

struct Dims { count: u32, width: u32, classes: u32, smoothing: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read> cotangent: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(32) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.count) { return; }
  let first = row * dims.classes;
  var highest = logits[first];
  for (var k = 1u; k < dims.classes; k++) { highest = max(highest, logits[first + k]); }
  var total = 0f;
  var shifted = 0f;
  for (var k = 0u; k < dims.classes; k++) {
    let z = logits[first + k] - highest;
    total += exp(z);
    shifted += z;
  }
  let rest = log(total);
  logsumexp[row] = highest + rest;
  let label = labels[row];
  var value = 0f;
  if (label < dims.classes) {
    let hit = rest - (logits[first + label] - highest);
    value = mix(hit, rest - shifted / f32(dims.classes), dims.smoothing);
  }
  loss[row] = value;
}

@compute @workgroup_size(64) fn backward(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let row = i / dims.classes;
  let label = labels[row];
  let hit = select(0f, 1f - dims.smoothing, label == i % dims.classes);
  let p = exp(logits[i] - lse[row]) - hit - dims.smoothing / f32(dims.classes);
  gradient[i] = select(0f, cotangent[row] * p, label < dims.classes);
}
