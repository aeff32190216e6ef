//!include roi.wgsl
// Deformable position-sensitive RoI pooling (Dai et al. 2017), and deformable RoI pooling where group = 1.
//
//   out[r, c, i, j] = (1/n) Σ_{m, q} x[(c · group + ⌊i · group/k⌋) · group + ⌊j · group/k⌋](y_m, x_q)
//   y_m = y1' + i · h/k + m · h/(k · samples) + γ · t_y · h,   m = 0 … samples − 1;  columns alike
//   y1' = round(y1) · scale − ½,  h = max((round(y2) + 1) · scale − ½ − y1', 0.1)
//   t = trans[r, ·, ⌊i · parts/k⌋, ⌊j · parts/k⌋], normalised by the region's size; channel 2 · class is t_x, 2 · class + 1 is t_y (the
//   opposite of deformable convolution); outputs are spread evenly over `classes` pairs
//   A sample outside [−½, H − ½] is left out, else it is moved into [0, H − 1] and read bilinearly; n counts those that are not left out.
//
//   ∂L/∂x[p] = Σ g/n · (Σ_m hat(p_y − y_m)) (Σ_q hat(p_x − x_q)),  hat(t) = max(0, 1 − |t|)
//   ∂L/∂t_x  = Σ g/n · γ · w · Σ_{m, q} ∂x(y_m, x_q)/∂x,  between ⌊x_q⌋ and ⌈x_q⌉: 0 at a whole coordinate;  ∂L/∂t_y alike
//
// Entry points, an invocation for
//   forward        an element of out [R, outputs, k, k]
//   gradient       an element of the map: it looks at all regions of its picture, since trans is unbounded, in order
//   transGradient  a pair of trans [R, 2 · classes, parts, parts]
// Dispatch: `count` invocations in rows of `width`.

override MOVED: bool = true;

@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> trans: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

// Along an axis: first sample of a bin, the way to the next, the region's size, samples that count.
struct Side { start: f32, step: f32, size: f32, live: u32 }

// `which` is the number of the bin along the axis, `shift` its element of trans.
fn alongAxis(r: u32, axis: u32, which: u32, shift: f32) -> Side {
  let ends = (roundAway(sideOf(r, axis)) + vec2<f32>(0f, 1f)) * dims.scale - 0.5f;
  let size = max(ends.y - ends.x, 0.1f);
  let bin = size / f32(dims.bins);
  var side = Side(ends.x + f32(which) * bin + shift * dims.gamma * size, bin / f32(dims.samples), size, 0u);
  for (var m = 0u; m < dims.samples; m++) { side.live += select(0u, 1u, isLive(side.start + f32(m) * side.step, axis)); }
  return side;
}

fn isLive(at: f32, axis: u32) -> bool { return at >= -0.5f && at <= f32(lengthOf(axis)) - 0.5f; }
fn moved(at: f32, axis: u32) -> f32 { return clamp(at, 0f, f32(lengthOf(axis)) - 1f); }

fn partOf(i: u32) -> u32 { return i * dims.parts / dims.bins; }

// Element of trans for a bin: that of x; that of y lies parts² further.
fn transOf(b: Bin) -> u32 {
  let pair = b.c / (dims.outputs / dims.classes);
  return ((b.r * dims.classes + pair) * 2u * dims.parts + partOf(b.i)) * dims.parts + partOf(b.j);
}

struct Sides { down: Side, across: Side }

fn sidesOf(b: Bin) -> Sides {
  var shift = vec2<f32>(0f);
  if (MOVED) {
    let at = transOf(b);
    shift = vec2<f32>(trans[at], trans[at + dims.parts * dims.parts]);
  }
  return Sides(alongAxis(b.r, 1u, b.i, shift.y), alongAxis(b.r, 0u, b.j, shift.x));
}

fn planeOf(b: Bin) -> u32 {
  let channel = (b.c * dims.group + b.i * dims.group / dims.bins) * dims.group + b.j * dims.group / dims.bins;
  return (pictureOf(b.r) * dims.channels + channel) * pixels();
}

// The samples of a bin added up: value, and slopes along x and y.
fn summed(b: Bin, s: Sides) -> vec3<f32> {
  let plane = planeOf(b);
  var sum = vec3<f32>(0f);
  for (var m = 0u; m < dims.samples; m++) {
    let sy = s.down.start + f32(m) * s.down.step;
    if (!isLive(sy, 1u)) { continue; }
    let y = moved(sy, 1u);
    let top = plane + u32(y) * dims.iW;
    let below = plane + u32(ceil(y)) * dims.iW;
    for (var q = 0u; q < dims.samples; q++) {
      let sx = s.across.start + f32(q) * s.across.step;
      if (!isLive(sx, 0u)) { continue; }
      let at = moved(sx, 0u);
      let left = u32(at);
      let right = u32(ceil(at));
      let corners = vec4<f32>(x[top + left], x[top + right], x[below + left], x[below + right]);
      let upper = mix(corners.x, corners.y, fract(at));
      let lower = mix(corners.z, corners.w, fract(at));
      sum += vec3<f32>(
        mix(upper, lower, fract(y)), mix(corners.y - corners.x, corners.w - corners.z, fract(y)), lower - upper);
    }
  }
  return sum;
}

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let b = binOf(n);
  let s = sidesOf(b);
  out[n] = summed(b, s).x / f32(max(s.down.live * s.across.live, 1u));
}

// What the samples of a bin give to a row (or column) in all.
fn shareOf(s: Side, axis: u32, row: f32) -> f32 {
  var share = 0f;
  for (var m = 0u; m < dims.samples; m++) {
    let at = s.start + f32(m) * s.step;
    if (isLive(at, axis)) { share += max(0f, 1f - abs(moved(at, axis) - row)); }
  }
  return share;
}

@compute @workgroup_size(64) fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let row = f32(n % pixels() / dims.iW);
  let column = f32(n % dims.iW);
  let channel = n / pixels() % dims.channels;
  let picture = n / pixels() / dims.channels;
  // The bins that read this map.
  let c = channel / (dims.group * dims.group);
  let corner = vec2<u32>(channel / dims.group % dims.group, channel % dims.group) * dims.bins;
  let begin = (corner + dims.group - 1u) / dims.group;
  let end = (corner + dims.bins + dims.group - 1u) / dims.group;
  var sum = 0f;
  for (var r = 0u; r < dims.regions; r++) {
    if (pictureOf(r) != picture) { continue; }
    for (var i = begin.x; i < end.x; i++) {
      for (var j = begin.y; j < end.y; j++) {
        let b = Bin(r, c, i, j);
        let s = sidesOf(b);
        let share = shareOf(s.down, 1u, row) * shareOf(s.across, 0u, column);
        if (share != 0f) { sum += g[placeOf(b)] * share / f32(s.down.live * s.across.live); }
      }
    }
  }
  out[n] = sum;
}

@compute @workgroup_size(64) fn transGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let part = vec2<u32>(n / dims.parts % dims.parts, n % dims.parts);
  let pair = n / (dims.parts * dims.parts) % dims.classes;
  let r = n / (dims.parts * dims.parts) / dims.classes;
  let perClass = dims.outputs / dims.classes;
  var sum = vec2<f32>(0f);
  for (var c = pair * perClass; c < (pair + 1u) * perClass; c++) {
    for (var i = 0u; i < dims.bins; i++) {
      for (var j = 0u; j < dims.bins; j++) {
        if (partOf(i) != part.x || partOf(j) != part.y) { continue; }
        let b = Bin(r, c, i, j);
        let s = sidesOf(b);
        let factor = g[placeOf(b)] * dims.gamma / f32(max(s.down.live * s.across.live, 1u));
        sum = fma(summed(b, s).yz * vec2<f32>(s.across.size, s.down.size), vec2<f32>(factor), sum);
      }
    }
  }
  let at = (r * dims.classes + pair) * 2u * dims.parts * dims.parts + part.x * dims.parts + part.y;
  out[at] = sum.x;
  out[at + dims.parts * dims.parts] = sum.y;
}
