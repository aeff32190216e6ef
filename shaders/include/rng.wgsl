// Philox 4x32-10, a counter-based random number generator (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"):
// ten rounds that mix a 128-bit counter under a 64-bit key. No state: the same key and counter give the same bits on every device.
//
//   key     = (seed, stream)
//   counter = (step, element / 4, 0, 0)      one call gives four words

fn multiplyHigh(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let carry = (middle & 0xffffu) + a0 * b1;
  return a1 * b1 + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiplyHigh(0xD2511F53u, c.x);
    let high1 = multiplyHigh(0xCD9E8D57u, c.z);
    c = vec4<u32>(high1 ^ c.y ^ k.x, 0xCD9E8D57u * c.z, high0 ^ c.w ^ k.y, 0xD2511F53u * c.x);
    k += vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// Uniform in [0, 1): the top 24 bits, exact in f32.
fn uniform01(words: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(words >> vec4<u32>(8u)) * 5.9604644775390625e-8f;
}

// Four normals by Box–Muller. The first uniform of a pair is moved into (0, 1], so that its logarithm is finite.
fn normals(words: vec4<u32>) -> vec4<f32> {
  let u = uniform01(words);
  let radius = sqrt(-2f * log(vec2<f32>(u.x, u.z) + vec2<f32>(5.9604644775390625e-8f)));
  let angle = 6.28318530717958648f * vec2<f32>(u.y, u.w);
  return vec4<f32>(radius.x * cos(angle.x), radius.x * sin(angle.x), radius.y * cos(angle.y), radius.y * sin(angle.y));
}
