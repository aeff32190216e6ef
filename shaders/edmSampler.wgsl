//!include rng.wgsl
// Samplers of diffusion models (Karras et al. 2022): every network evaluation of every sampler is the same two linear maps, whose
// coefficients come from a row of a table that the host has worked out in float64. The row is `counter`; a device replays the same
// dispatches for a whole trajectory.
//
//   prepare   F's input = input·x,  label = c_noise,  level = (signal, noise) of x = signal·x0 + noise·ε
//   update    F  ← F_uncond + guidance (F_cond − F_uncond), where guided
//             x' = state·x + network·F + saved·s + fresh·z,   s' = savedState·x + savedNetwork·F + savedSaved·s,   z ~ N(0, 1)
//   advance   counter ← counter + 1
//   start     row 0:  x = state·given + network·ε + fresh·z,  s = 0,  counter = 1
//   inpaint   x ← mask·x + (1 − mask)(signal·known + noise·ε), the level being that of the next row
//
// x, saved, given, known, mask f32 [N];  network f32 [N], or [2N] where guided: with the condition, then without;  rows [R] of 16
// numbers;  history f32 [·, N]: row `step` holds the state after that many steps;  noise f32 [·, N] stands in for the drawn z, row `step`,
// where noiseGiven = 1;  seed, counter u32 []
// z and ε are Philox of (seed, stream; step, 0 or row, element), each with a stream of its own: the start is the same for every sampler.
//
// Dispatch: one invocation for four elements of what is written, rows of `width` invocations; advance: one invocation.

struct Dims {
  count: u32,
  batch: u32,
  width: u32,
  guided: u32,
  noiseGiven: u32,
  freshStream: u32,
  otherStream: u32,
}

struct Row {
  input: f32,
  label: f32,
  skip: f32,
  out: f32,
  signal: f32,
  noise: f32,
  guidance: f32,
  step: f32,
  state: f32,
  network: f32,
  saved: f32,
  fresh: f32,
  savedState: f32,
  savedNetwork: f32,
  savedSaved: f32,
  // What goes into the history: 0 nothing, 1 the new state, 2 the new state without the fresh noise, 3 the denoised estimate.
  record: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> counter: array<u32>;
@group(0) @binding(2) var<storage, read_write> counting: array<u32>;
@group(0) @binding(3) var<storage, read> state: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> saved: array<f32>;
@group(0) @binding(5) var<storage, read_write> history: array<f32>;
@group(0) @binding(6) var<storage, read> seed: array<u32>;
@group(0) @binding(7) var<storage, read> noise: array<f32>;
@group(0) @binding(8) var<storage, read> network: array<f32>;
@group(0) @binding(8) var<storage, read> given: array<f32>;
@group(0) @binding(4) var<storage, read_write> input: array<f32>;
@group(0) @binding(5) var<storage, read_write> label: array<f32>;
@group(0) @binding(6) var<storage, read_write> level: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> known: array<f32>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;

fn drawn(step: u32, stream: u32, block: u32) -> vec4<f32> {
  return normals(philox(vec4<u32>(step, block, 0u, 0u), vec2<u32>(seed[0], stream)));
}

// z of a step: given, or drawn where it is used at all.
fn freshNoise(row: Row, block: u32) -> vec4<f32> {
  var z = vec4<f32>();
  if (row.fresh == 0f) {
    return z;
  }
  let step = u32(row.step);
  if (dims.noiseGiven == 0u) {
    return drawn(step, dims.freshStream, block);
  }
  for (var k = 0u; k < 4u; k++) {
    z[k] = noise[step * dims.count + min(block * 4u + k, dims.count - 1u)];
  }
  return z;
}

@compute @workgroup_size(64)
fn prepare(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = rows[counter[0]];
  let copies = 1u + dims.guided;
  let first = (id.y * dims.width + id.x) * 4u;
  for (var i = first; i < min(first + 4u, copies * dims.count); i++) {
    input[i] = row.input * state[i % dims.count];
    if (i < copies * dims.batch) {
      label[i] = row.label;
      level[i] = vec2<f32>(row.signal, row.noise);
    }
  }
}

@compute @workgroup_size(64)
fn update(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = rows[counter[0]];
  let block = id.y * dims.width + id.x;
  if (block * 4u >= dims.count) {
    return;
  }
  let z = freshNoise(row, block);
  for (var k = 0u; k < 4u; k++) {
    let i = block * 4u + k;
    if (i < dims.count) {
      var f = network[i];
      if (dims.guided == 1u) {
        let free = network[dims.count + i];
        f = free + row.guidance * (f - free);
      }
      let old = x[i];
      let s = saved[i];
      let next = row.state * old + row.network * f + row.saved * s;
      x[i] = next + row.fresh * z[k];
      saved[i] = row.savedState * old + row.savedNetwork * f + row.savedSaved * s;
      let at = u32(row.step) * dims.count + i;
      if (row.record == 1f) {
        history[at] = next + row.fresh * z[k];
      } else if (row.record == 2f) {
        history[at] = next;
      } else if (row.record == 3f) {
        history[at] = row.skip * old + row.out * f;
      }
    }
  }
}

@compute @workgroup_size(1)
fn advance() {
  counting[0] += 1u;
}

@compute @workgroup_size(64)
fn start(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = rows[0];
  let block = id.y * dims.width + id.x;
  if (block == 0u) {
    counting[0] = 1u;
  }
  if (block * 4u >= dims.count) {
    return;
  }
  let z = freshNoise(row, block);
  let epsilon = drawn(0u, dims.otherStream, block);
  for (var k = 0u; k < 4u; k++) {
    let i = block * 4u + k;
    if (i < dims.count) {
      let first = row.state * given[i] + row.network * epsilon[k];
      x[i] = first + row.fresh * z[k];
      saved[i] = 0f;
      if (row.record > 0f) {
        history[i] = first;
      }
    }
  }
}

@compute @workgroup_size(64)
fn inpaint(@builtin(global_invocation_id) id: vec3<u32>) {
  let next = counter[0] + 1u;
  let row = rows[next];
  let block = id.y * dims.width + id.x;
  let epsilon = drawn(next, dims.otherStream, block);
  for (var k = 0u; k < 4u; k++) {
    let i = block * 4u + k;
    if (i < dims.count) {
      let noised = row.signal * known[i] + row.noise * epsilon[k];
      x[i] = mask[i] * x[i] + (1f - mask[i]) * noised;
    }
  }
}
