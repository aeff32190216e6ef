// The global norm of a flat gradient and what AdamW needs of it.
//   sumSquares  partials[w] = Σ g² over the w-th of `parts` stretches: 64 invocations each, then a tree in workgroup memory
//   settings    norm = √Σ partials; settings = [lr, decay, 1/(1−β1ᵗ), 1/(1−β2ᵗ), clipping factor], factor −1 where the norm is not finite
// The order of summation is fixed. Dispatch: `parts` workgroups; one invocation.

struct Dims { count: u32, parts: u32, stretch: u32, beta1: f32, beta2: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> learningRate: array<f32>;
@group(0) @binding(3) var<storage, read> weightDecay: array<f32>;
@group(0) @binding(4) var<storage, read> step: array<u32>;
@group(0) @binding(5) var<storage, read> clip: array<f32>;
@group(0) @binding(6) var<storage, read_write> norm: array<f32>;
@group(0) @binding(7) var<storage, read_write> settings: array<f32>;

var<workgroup> squares: array<f32, 64>;

@compute @workgroup_size(64) fn sumSquares(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let begin = group.x * dims.stretch;
  let end = min(begin + dims.stretch, dims.count);
  var sum = 0f;
  for (var i = begin + lane; i < end; i += 64u) { sum = fma(gradients[i], gradients[i], sum); }
  squares[lane] = sum;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { squares[lane] += squares[lane + half]; }
  }
  if (lane == 0u) { partials[group.x] = squares[0]; }
}

// NaN and infinity have all bits of the exponent set; comparisons on floats may be optimised away.
fn finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

@compute @workgroup_size(1) fn makeSettings() {
  var sum = 0f;
  for (var i = 0u; i < dims.parts; i++) { sum += sums[i]; }
  let length = sqrt(sum);
  let t = f32(step[0] + 1u);
  norm[0] = length;
  settings[0] = learningRate[0];
  settings[1] = weightDecay[0];
  settings[2] = 1f / (1f - pow(dims.beta1, t));
  settings[3] = 1f / (1f - pow(dims.beta2, t));
  var factor = 1f;
  if (clip[0] > 0f) { factor = min(1f, clip[0] / (length + 1e-6f)); }
  settings[4] = select(-1f, factor, finite(sum));
}
