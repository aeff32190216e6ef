// AdamW with decoupled weight decay (Loshchilov & Hutter 2019) and clipping by the global norm, over flat buffers, in one dispatch.
//
//   norm = √Σ partials,   c = min(1, clip / (norm + 1e-6)) if clip > 0 else 1           (torch.nn.utils.clip_grad_norm_)
//   g ← c·g;   m ← β1 m + (1−β1) g;   v ← β2 v + (1−β2) g²;   t = step + 1
//   p ← p − η λ p − η · (m/(1−β1ᵗ)) / (√(v/(1−β2ᵗ)) + ε),     η = lr·lrScale, λ = decay·decayScale of the element's block of 64
// A norm that is not finite leaves everything as it is: one bad step does not poison the weights.
//
// Settings come from gradientNorm.wgsl.
// Dispatch: one invocation for four elements, rows of `width`.

struct Dims { count: u32, width: u32, beta1: f32, beta2: f32, eps: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> firstMoment: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> secondMoment: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> groups: array<vec2<f32>>;
// [lr, weight decay, 1/(1−β1ᵗ), 1/(1−β2ᵗ), clipping factor or −1], made by gradientNorm.wgsl.
@group(0) @binding(6) var<storage, read> settings: array<f32>;

@compute @workgroup_size(64) fn update(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let factor = settings[4];
  if (factor < 0f) { return; }
  let block = groups[i / 16u];
  let rate = settings[0] * block.x;
  let g = gradients[i] * factor;
  let m = dims.beta1 * firstMoment[i] + (1f - dims.beta1) * g;
  let v = dims.beta2 * secondMoment[i] + (1f - dims.beta2) * g * g;
  firstMoment[i] = m;
  secondMoment[i] = v;
  let p = parameters[i];
  let shrunk = p - (rate * settings[1] * block.y) * p;
  parameters[i] = shrunk - rate * (m * settings[2]) / (sqrt(v * settings[3]) + dims.eps);
}
