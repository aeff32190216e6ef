// Running statistics of batch normalisation, per channel, after a training step (Ioffe & Szegedy 2015; momentum as PyTorch has it):
//
//   runningMean     ← (1 − momentum) · runningMean     + momentum · mean
//   runningVariance ← (1 − momentum) · runningVariance + momentum · variance · n / (n − 1)
//
// A batch whose statistics are not finite changes nothing, so that one bad batch does not poison them.
// All f32 [count]; unbiased = n / (n − 1). Dispatch: one invocation for a channel, rows of `width`.
struct Dims { count: u32, width: u32, momentum: f32, unbiased: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(2) var<storage, read_write> runningVariance: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;

fn isFinite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let m = mean[i];
  let v = variance[i] * dims.unbiased;
  if (!isFinite(m) || !isFinite(v)) { return; }
  runningMean[i] += dims.momentum * (m - runningMean[i]);
  runningVariance[i] += dims.momentum * (v - runningVariance[i]);
}
