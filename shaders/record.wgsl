// Writes a step's scalars into row (step mod capacity) of the history, and counts the step.
//
// history f32 [capacity, columns];  step u32 [];  scalar0 … scalar5 f32 [], of which the first `columns` count
//
// Dispatch: one invocation.
struct Dims {
  capacity: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> history: array<f32>;
@group(0) @binding(2) var<storage, read_write> stepCount: array<u32>;
@group(0) @binding(3) var<storage, read> scalar0: array<f32>;
@group(0) @binding(4) var<storage, read> scalar1: array<f32>;
@group(0) @binding(5) var<storage, read> scalar2: array<f32>;
@group(0) @binding(6) var<storage, read> scalar3: array<f32>;
@group(0) @binding(7) var<storage, read> scalar4: array<f32>;
@group(0) @binding(8) var<storage, read> scalar5: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let row = (stepCount[0] % dims.capacity) * dims.columns;
  var values = array<f32, 6>(scalar0[0], scalar1[0], scalar2[0], scalar3[0], scalar4[0], scalar5[0]);
  for (var column = 0u; column < dims.columns; column++) {
    history[row + column] = values[column];
  }
  stepCount[0] += 1u;
}
