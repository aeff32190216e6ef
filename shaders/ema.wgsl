// Exponential moving average: average ← decay·average + (1 − decay)·value, over flat buffers; decay is one number in a buffer.
// Dispatch: one invocation for four elements, rows of `width`.

struct Dims { count: u32, width: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> average: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> decay: array<f32>;

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { average[i] = value[i] + decay[0] * (average[i] - value[i]); }
}
