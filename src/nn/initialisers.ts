import { philoxNormals, philoxUniforms } from '../engine/philox';
import { sizeOf, type Shape } from '../engine/tensor';

/** Starting values of a parameter: a function of shape, seed and the parameter's name. */
export type Initialiser = (shape: Shape, seed: number, name: string) => Float32Array;

export const zeros: Initialiser = (shape) => new Float32Array(sizeOf(shape));

export const ones: Initialiser = (shape) => new Float32Array(sizeOf(shape)).fill(1);

/** N(0, deviation²). */
export function normal(deviation: number): Initialiser {
  return (shape, seed, name) => philoxNormals(sizeOf(shape), seed, `init ${name}`).map((z) => z * deviation);
}

/** U(-a, a) with a = √(6 / (fan in + fan out)); weights are [in, out] (Glorot & Bengio 2010). */
export const xavierUniform: Initialiser = (shape, seed, name) => xavierParts(1)(shape, seed, name);

/** Xavier-uniform for `parts` matrices side by side in the columns (q|k|v), each with its own fan out. */
export function xavierParts(parts: number): Initialiser {
  return (shape, seed, name) => {
    const [fanIn = 1, columns = 1] = shape;
    const bound = Math.sqrt(6 / (fanIn + columns / parts));
    return philoxUniforms(sizeOf(shape), seed, `init ${name}`).map((u) => (2 * u - 1) * bound);
  };
}

/**
 * N(0, 2 / fan in), for layers before a ReLU (He et al. 2015); weights are [..., in, out]: the fan in counts all but the last
 * dimension.
 */
export const heNormal: Initialiser = (shape, seed, name) => {
  const fanIn = sizeOf(shape.slice(0, -1));
  return normal(Math.sqrt(2 / fanIn))(shape, seed, name);
};

/** N(0, 1 / fan in), for layers with no ReLU before them (LeCun et al. 1998); fan in as in `heNormal`. */
export const lecunNormal: Initialiser = (shape, seed, name) => {
  const fanIn = sizeOf(shape.slice(0, -1));
  return normal(Math.sqrt(1 / fanIn))(shape, seed, name);
};
