// Non-maximum suppression in bit-mask form: of boxes in the order of falling scores, each one kept drops later ones that overlap it by more
// than `overlap` (intersection over union), of the same class where there are classes. Continuous boxes (x1, y1, x2, y2).
//
// boxes f32 [B, N, 4], scores f32 [B, N], classes u32 [B, N] (read where CLASSED), order u32 [B, N] (by falling score, equal ones by index)
// overlap, least f32 [1]: boxes whose score is not above `least` are left out
// → kept u32 [B, M]: the first M of those kept, in order, then N for what is not there;  count u32 [B]
//
// Entry points
//   compare   bits[b, i, word] has bit j where the (32·word + j)-th box of the order comes after the i-th and is dropped by it; an invocation
//             for each word
//   scan      32 boxes at a time until M are kept: one invocation settles which of them stay, then all add up what these drop; a workgroup
//             for a picture
// Dispatch: compare: `count` invocations in rows of `width`; scan: B workgroups.

struct Dims { count: u32, width: u32, boxes: u32, words: u32, most: u32 }

override CLASSED: bool = false;
override LANES: u32 = 64u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> boxes: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scores: array<f32>;
@group(0) @binding(3) var<storage, read> classes: array<u32>;
@group(0) @binding(4) var<storage, read> order: array<u32>;
@group(0) @binding(5) var<storage, read> overlap: array<f32>;
@group(0) @binding(5) var<storage, read> least: array<f32>;
@group(0) @binding(6) var<storage, read_write> bits: array<u32>;
@group(0) @binding(6) var<storage, read> dropped: array<u32>;
@group(0) @binding(7) var<storage, read_write> kept: array<u32>;
@group(0) @binding(8) var<storage, read_write> number: array<u32>;

fn areaOf(box: vec4<f32>) -> f32 { return (box.z - box.x) * (box.w - box.y); }

// Whether two boxes overlap by more than the limit.
fn overlaps(a: vec4<f32>, b: vec4<f32>) -> bool {
  let size = max(min(a.zw, b.zw) - max(a.xy, b.xy), vec2<f32>(0f));
  let inside = size.x * size.y;
  return inside > overlap[0] * (areaOf(a) + areaOf(b) - inside);
}

// Neighbouring invocations have boxes of their own and look at the same others.
@compute @workgroup_size(64) fn compare(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let i = n % dims.boxes;
  let word = n / dims.boxes % dims.words;
  let first = n / dims.boxes / dims.words * dims.boxes;
  let own = first + order[first + i];
  let box = boxes[own];
  var found = 0u;
  for (var j = max(32u * word, i + 1u); j < min(32u * word + 32u, dims.boxes); j++) {
    let other = first + order[first + j];
    if (CLASSED) {
      if (classes[own] != classes[other]) { continue; }
    }
    if (overlaps(box, boxes[other])) { found |= 1u << (j - 32u * word); }
  }
  bits[(first + i) * dims.words + word] = found;
}

// Boxes dropped so far, a bit each: 32,768 at most. Then which of the 32 at hand stay, and how many were kept before.
var<workgroup> gone: array<u32, 1024>;
var<workgroup> stay: u32;
var<workgroup> before: u32;

fn settle(picture: u32, word: u32) {
  let first = picture * dims.boxes;
  // Bits of boxes that are there and not dropped; the lowest is the best.
  var free = ~gone[word] & (0xffffffffu >> (32u - min(32u, dims.boxes - 32u * word)));
  var chosen = 0u;
  var number = before;
  while (free != 0u && number < dims.most) {
    let j = firstTrailingBit(free);
    free &= free - 1u;
    let i = first + 32u * word + j;
    let box = order[i];
    if (!(scores[first + box] > least[0])) { continue; }
    kept[picture * dims.most + number] = box;
    number++;
    chosen |= 1u << j;
    free &= ~dropped[i * dims.words + word];
  }
  stay = chosen;
  before = number;
}

@compute @workgroup_size(LANES)
fn scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  for (var word = lane; word < dims.words; word += LANES) { gone[word] = 0u; }
  if (lane == 0u) { before = 0u; }
  workgroupBarrier();
  for (var word = 0u; word < dims.words; word++) {
    if (lane == 0u) { settle(group.x, word); }
    if (workgroupUniformLoad(&before) >= dims.most) { break; }
    for (var later = word + 1u + lane; later < dims.words; later += LANES) {
      var out = gone[later];
      for (var chosen = stay; chosen != 0u; chosen &= chosen - 1u) {
        out |= dropped[(group.x * dims.boxes + 32u * word + firstTrailingBit(chosen)) * dims.words + later];
      }
      gone[later] = out;
    }
    workgroupBarrier();
  }
  for (var i = before + lane; i < dims.most; i += LANES) { kept[group.x * dims.most + i] = dims.boxes; }
  if (lane == 0u) { number[group.x] = before; }
}
