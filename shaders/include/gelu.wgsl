// GELU with the error function, for T = f32 or vec4<f32> (the file that includes this declares `alias T`).
//
//   gelu(x)      = x · Φ(x),          Φ(x) = ½ (1 + erf(x/√2))
//   geluSlope(x) = Φ(x) + x · φ(x),   φ(x) = exp(-x²/2) / √(2π)
//
// erfc(a) = t·exp(-a² + P(t)), t = 1/(1 + a/2), a ≥ 0: Chebyshev fit of W. J. Cody's form as printed in Numerical Recipes
// (erfcc), fractional error below 1.2e-7 everywhere. Φ(x) for x < 0 is ½·erfc(|x|/√2): no cancellation in the tail.
fn normalCdf(x: T) -> T {
  let a = abs(x) * 0.70710678118654752f;
  let t = T(1f) / (T(1f) + 0.5f * a);
  var p = T(0.17087277f);
  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  p = p * t - 1.26551223f;
  let tail = 0.5f * t * exp(p - a * a);
  return select(T(1f) - tail, tail, x < T(0f));
}

fn gelu(x: T) -> T {
  return x * normalCdf(x);
}

fn geluSlope(x: T) -> T {
  return normalCdf(x) + x * (0.39894228040143268f * exp(-0.5f * x * x));
}
