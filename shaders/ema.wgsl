// Exponential moving average over flat buffers: average ← decay·average + (1 − decay)·value.
//
// average, value   f32 [P], P a multiple of 4;  decay f32 []
//
// Dispatch: one invocation for four elements, folded into rows of `width` invocations.
struct Dims {
  count: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> average: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> decay: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) {
    average[i] = value[i] + decay[0] * (average[i] - value[i]);
  }
}
