// Pooling over up to three spatial axes, forward and gradient, both in gather form.
//
//   maximum   y[q] = max x[p] over the window p = q · stride − padding + (0 … kernel − 1), inside x;  indices[q] = the first such p
//             dx[p] = Σ dy[q] over the windows q that chose p
//   average   y[q] = (1/n) Σ x[p] over the same window;  n = all of the window (ALL: zeros outside count) or what lies inside
//             dx[p] = Σ dy[q] / n(q) over the windows q that hold p
//
// x, dx   f32 [planes, iD, iH, iW];   y, dy f32, indices u32 [planes, oD, oH, oW];  planes = batch · channels
// An index counts the elements of one plane, row-major. NaN wins over every number, so that it stays visible.
// Dispatch: one invocation for an element of the result, `count` of them, rows of `width`.

struct Dims {
  count: u32, width: u32,
  iD: u32, iH: u32, iW: u32,
  oD: u32, oH: u32, oW: u32,
  kD: i32, kH: i32, kW: i32,
  strideD: i32, strideH: i32, strideW: i32,
  paddingD: i32, paddingH: i32, paddingW: i32,
}

override ALL: bool = true;
override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read> chosen: array<u32>;
// @epilogue begin: the planner puts fused pointwise work in the place of this section.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
fn store(index: u32, value: f32) { out[index] = value; }
// @epilogue end

// An element as [plane, z, y, x].
struct Element { plane: u32, at: vec3<i32> }

fn elementOf(i: u32, size: vec3<u32>) -> Element {
  let row = i / size.x;
  let layer = row / size.y;
  let plane = layer / size.z;
  return Element(plane, vec3<i32>(vec3<u32>(i - row * size.x, row - layer * size.y, layer - plane * size.z)));
}

fn sizeX() -> vec3<u32> { return vec3<u32>(dims.iW, dims.iH, dims.iD); }
fn sizeY() -> vec3<u32> { return vec3<u32>(dims.oW, dims.oH, dims.oD); }
fn kernel() -> vec3<i32> { return vec3<i32>(dims.kW, dims.kH, dims.kD); }
fn stride() -> vec3<i32> { return vec3<i32>(dims.strideW, dims.strideH, dims.strideD); }
fn padding() -> vec3<i32> { return vec3<i32>(dims.paddingW, dims.paddingH, dims.paddingD); }

// First and one past the last along each axis.
struct Range { begin: vec3<i32>, end: vec3<i32> }

// The elements of x in window q.
fn windowOf(q: vec3<i32>) -> Range {
  let begin = q * stride() - padding();
  return Range(max(begin, vec3<i32>(0i)), min(begin + kernel(), vec3<i32>(sizeX())));
}

// The windows that hold element p of x: q · stride ≤ p + padding < q · stride + kernel.
fn windowsAround(p: vec3<i32>) -> Range {
  let shifted = p + padding();
  let below = max(shifted - kernel() + stride(), vec3<i32>(0i)) / stride();
  return Range(below, min(shifted / stride() + 1i, vec3<i32>(sizeY())));
}

fn isNan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(WORKGROUP) fn maximum(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let q = elementOf(i, sizeY());
  let r = windowOf(q.at);
  let plane = q.plane * dims.iD * dims.iH * dims.iW;
  var index = u32((r.begin.z * i32(dims.iH) + r.begin.y) * i32(dims.iW) + r.begin.x);
  var best = x[plane + index];
  for (var z = r.begin.z; z < r.end.z; z++) {
    for (var y = r.begin.y; y < r.end.y; y++) {
      let line = (z * i32(dims.iH) + y) * i32(dims.iW);
      for (var column = r.begin.x; column < r.end.x; column++) {
        let value = x[plane + u32(line + column)];
        if (value > best || (isNan(value) && !isNan(best))) {
          best = value;
          index = u32(line + column);
        }
      }
    }
  }
  indices[i] = index;
  store(i, best);
}

@compute @workgroup_size(WORKGROUP) fn maximumGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let p = elementOf(i, sizeX());
  let r = windowsAround(p.at);
  let own = i - p.plane * dims.iD * dims.iH * dims.iW;
  let plane = p.plane * dims.oD * dims.oH * dims.oW;
  var sum = 0f;
  for (var z = r.begin.z; z < r.end.z; z++) {
    for (var y = r.begin.y; y < r.end.y; y++) {
      for (var column = r.begin.x; column < r.end.x; column++) {
        let q = plane + u32((z * i32(dims.oH) + y) * i32(dims.oW) + column);
        sum += select(0f, dy[q], chosen[q] == own);
      }
    }
  }
  store(i, sum);
}

// 1/n of window q.
fn share(q: vec3<i32>) -> f32 {
  let r = windowOf(q);
  let inside = select(r.end - r.begin, kernel(), ALL);
  return 1f / f32(inside.x * inside.y * inside.z);
}

@compute @workgroup_size(WORKGROUP) fn average(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let q = elementOf(i, sizeY());
  let r = windowOf(q.at);
  let plane = q.plane * dims.iD * dims.iH * dims.iW;
  var sum = 0f;
  for (var z = r.begin.z; z < r.end.z; z++) {
    for (var y = r.begin.y; y < r.end.y; y++) {
      for (var column = r.begin.x; column < r.end.x; column++) {
        sum += x[plane + u32((z * i32(dims.iH) + y) * i32(dims.iW) + column)];
      }
    }
  }
  store(i, sum * share(q.at));
}

@compute @workgroup_size(WORKGROUP) fn averageGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let p = elementOf(i, sizeX());
  let r = windowsAround(p.at);
  let plane = p.plane * dims.oD * dims.oH * dims.oW;
  var sum = 0f;
  for (var z = r.begin.z; z < r.end.z; z++) {
    for (var y = r.begin.y; y < r.end.y; y++) {
      for (var column = r.begin.x; column < r.end.x; column++) {
        sum += dy[plane + u32((z * i32(dims.oH) + y) * i32(dims.oW) + column)] * share(vec3<i32>(column, y, z));
      }
    }
  }
  store(i, sum);
}
