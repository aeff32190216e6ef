// AdamW with decoupled weight decay (Loshchilov & Hutter 2019) after clipping by the global norm, over flat buffers, in one dispatch.
//
//   g ← c·g;   m ← β1 m + (1−β1) g;   v ← β2 v + (1−β2) g²
//   p ← p − η λ p;   p ← p − η · (m/(1−β1ᵗ)) / (√(v/(1−β2ᵗ)) + ε),     η = lr·lrScale, λ = decay·decayScale of the block of 64
//   average ← d·average + (1−d)·p                                      (updateAverage only)
//
// parameters, gradients, firstMoment, secondMoment, average   f32 [P], P a multiple of 64
// groups     f32 [P/64, 2]: lrScale and decayScale of each block of 64 elements
// settings   [lr, decay, 1/(1−β1ᵗ), 1/(1−β2ᵗ), c], made by gradientNorm.wgsl
// c is −1 where the norm is not finite: then everything stays as it is, so that one bad step does not poison the weights.
//
// Dispatch: one invocation for four elements, folded into rows of `width` invocations.
struct Dims {
  count: u32,
  width: u32,
  beta1: f32,
  beta2: f32,
  // 1 − β1 and 1 − β2, which f32 would round when taken from the rounded betas.
  rest1: f32,
  rest2: f32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> firstMoment: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> secondMoment: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> groups: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> settings: array<f32>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> averageDecay: array<f32>;

// Updates four elements; gives their new values.
fn advance(i: u32, factor: f32) -> vec4<f32> {
  let block = groups[i / 16u];
  let rate = settings[0] * block.x;
  let g = gradients[i] * factor;
  let m = dims.beta1 * firstMoment[i] + dims.rest1 * g;
  let v = dims.beta2 * secondMoment[i] + dims.rest2 * (g * g);
  firstMoment[i] = m;
  secondMoment[i] = v;
  let p = parameters[i];
  let shrunk = p - (rate * settings[1] * block.y) * p;
  let next = shrunk - rate * (m * settings[2]) / (sqrt(v * settings[3]) + dims.eps);
  parameters[i] = next;
  return next;
}

@compute @workgroup_size(64)
fn update(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  let factor = settings[4];
  if (i >= dims.count || factor < 0f) {
    return;
  }
  _ = advance(i, factor);
}

@compute @workgroup_size(64)
fn updateAverage(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  let factor = settings[4];
  if (i >= dims.count || factor < 0f) {
    return;
  }
  let p = advance(i, factor);
  average[i] = p + averageDecay[0] * (average[i] - p);
}
