// The global norm of a flat gradient, and what AdamW needs of it and of the step.
//
//   norm = √Σ g²,   t = step + 1
//   settings = [lr, decay, 1/(1−β1ᵗ), 1/(1−β2ᵗ), c],   c = min(1, clip / (norm + 1e-6)) if clip > 0 else 1, −1 if norm is not finite
//   (clipping as torch.nn.utils.clip_grad_norm_)
//
// gradients f32 [P];  partials f32 [parts], one for each stretch of P;  learningRate, weightDecay, clip f32 [];  step u32 []
//
// Dispatch:
//   sumSquares        one workgroup of LANES invocations per stretch
//   sumSquaresSerial  one invocation per stretch; P and `stretch` are multiples of 4
//   makeSettings      one workgroup of LANES invocations
// The order of summation is fixed.
//
//!include reduce.wgsl
struct Dims {
  count: u32,
  parts: u32,
  stretch: u32,
  // Natural logarithms of β1 and β2.
  logBeta1: f32,
  logBeta2: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(1) var<storage, read> gradients4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> learningRate: array<f32>;
@group(0) @binding(3) var<storage, read> weightDecay: array<f32>;
@group(0) @binding(4) var<storage, read> stepCount: array<u32>;
@group(0) @binding(5) var<storage, read> clip: array<f32>;
@group(0) @binding(6) var<storage, read_write> norm: array<f32>;
@group(0) @binding(7) var<storage, read_write> settings: array<f32>;

@compute @workgroup_size(LANES)
fn sumSquares(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let begin = group.x * dims.stretch;
  let end = min(begin + dims.stretch, dims.count);
  var sum = 0f;
  for (var i = begin + lane; i < end; i += LANES) {
    sum += gradients[i] * gradients[i];
  }
  let total = sumLanes(lane, sum);
  if (lane == 0u) {
    partials[group.x] = total;
  }
}

@compute @workgroup_size(8)
fn sumSquaresSerial(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= dims.parts) {
    return;
  }
  let begin = id.x * dims.stretch;
  let end = min(begin + dims.stretch, dims.count);
  var sum = vec4<f32>();
  for (var i = begin / 4u; i < end / 4u; i++) {
    let g = gradients4[i];
    sum += g * g;
  }
  partials[id.x] = sum.x + sum.y + (sum.z + sum.w);
}

// NaN and infinity have all bits of the exponent set; comparisons on floats may be optimised away.
fn finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// 1 − exp(x) for x < 0, exact near 0, where 1 − βᵗ by itself would lose most digits in the first steps.
fn oneMinusExp(x: f32) -> f32 {
  if (x < -0.5f) {
    return 1f - exp(x);
  }
  return -x * (1f + x / 2f * (1f + x / 3f * (1f + x / 4f * (1f + x / 5f * (1f + x / 6f * (1f + x / 7f))))));
}

@compute @workgroup_size(LANES)
fn makeSettings(@builtin(local_invocation_index) lane: u32) {
  var part = 0f;
  for (var i = lane; i < dims.parts; i += LANES) {
    part += sums[i];
  }
  let sum = sumLanes(lane, part);
  if (lane == 0u) {
    let length = sqrt(sum);
    let t = f32(stepCount[0] + 1u);
    var factor = 1f;
    if (clip[0] > 0f) {
      factor = min(1f, clip[0] / (length + 1e-6f));
    }
    norm[0] = length;
    settings[0] = learningRate[0];
    settings[1] = weightDecay[0];
    settings[2] = 1f / oneMinusExp(t * dims.logBeta1);
    settings[3] = 1f / oneMinusExp(t * dims.logBeta2);
    settings[4] = select(-1f, factor, finite(sum));
  }
}
