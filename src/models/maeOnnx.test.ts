// The exported file on ONNX Runtime against an independent float64 forward pass written as plain loops.
import { afterAll, describe, expect, it } from 'vitest';
import { readMaeConfig, readParameters, writeMae, type MaeConfig } from './maeOnnx';
import { maeInputs, maskIds, predictMae } from './maeRun';
import type { ParameterValue } from './onnxGraph';
import { openModel, type RunningModel } from './session';

type Parameters = Map<string, ParameterValue>;
type Rows = number[][];

/** erf by its Taylor series below 3 and by its continued fraction above: float64 precision. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let total = z;
    for (let n = 1; n < 100; n++) {
      term *= -(z * z) / n;
      total += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)));
}

/** The MAE of one image, row by row. */
class Reference {
  constructor(
    private readonly parameters: Parameters,
    private readonly config: MaeConfig,
  ) {}

  private table(name: string): Rows {
    const found = this.parameters.get(name);
    if (!found) throw new Error(`no parameter ${name}`);
    const width = found.shape.at(-1) ?? 1;
    return Array.from({ length: found.data.length / width }, (_, r) => [
      ...found.data.slice(r * width, (r + 1) * width),
    ]);
  }

  private vector(name: string): number[] {
    return this.table(name)[0] ?? [];
  }

  private linear(name: string, rows: Rows): Rows {
    const weight = this.table(`${name}.weight`);
    return rows.map((row) =>
      this.vector(`${name}.bias`).map((b, o) => row.reduce((s, x, i) => s + x * (weight[i]?.[o] ?? NaN), b)),
    );
  }

  private norm(name: string, rows: Rows): Rows {
    const scale = this.vector(`${name}.scale`);
    const shift = this.vector(`${name}.shift`);
    return rows.map((row) => {
      const mean = row.reduce((s, x) => s + x, 0) / row.length;
      const variance = row.reduce((s, x) => s + (x - mean) ** 2, 0) / row.length;
      return row.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-6)) * (scale[i] ?? NaN) + (shift[i] ?? NaN));
    });
  }

  private attention(qkv: Rows, width: number, heads: number): Rows {
    const h = width / heads;
    const part = (row: number[], which: number, head: number) =>
      row.slice(which * width + head * h, which * width + (head + 1) * h);
    return qkv.map((row) => {
      const out: number[] = [];
      for (let head = 0; head < heads; head++) {
        const q = part(row, 0, head);
        const scores = qkv.map((other) => dot(q, part(other, 1, head)) / Math.sqrt(h));
        const top = Math.max(...scores);
        const weights = scores.map((s) => Math.exp(s - top));
        const total = weights.reduce((a, b) => a + b, 0);
        for (let i = 0; i < h; i++) {
          out.push(
            qkv.reduce((s, other, j) => s + ((weights[j] ?? NaN) * (part(other, 2, head)[i] ?? NaN)) / total, 0),
          );
        }
      }
      return out;
    });
  }

  private trunk(name: string, tokens: Rows, width: number, depth: number, heads: number): Rows {
    let x = tokens;
    for (let i = 0; i < depth; i++) {
      const block = `${name}.${i}`;
      const qkv = this.linear(`${block}.qkv`, this.norm(`${block}.norm1`, x));
      x = plus(x, this.linear(`${block}.proj`, this.attention(qkv, width, heads)));
      const hidden = this.linear(`${block}.fc1`, this.norm(`${block}.norm2`, x));
      const active = hidden.map((row) => row.map((v) => 0.5 * v * (1 + erf(v / Math.SQRT2))));
      x = plus(x, this.linear(`${block}.fc2`, active));
    }
    return this.norm(`${name}.norm`, x);
  }

  run(patches: Rows, removed: boolean[]): { pred: Rows; latent: Rows } {
    const c = this.config;
    const first = c.classToken ? 1 : 0;
    const position = this.table('encoder.position');
    const embedded = this.linear('patchEmbed', patches);
    const placed = embedded.map((row, i) =>
      plusRow(c.symmetric && removed[i] ? this.vector('encoder.maskToken') : row, position[i + first]),
    );
    const tokens = c.symmetric ? placed : placed.filter((_, i) => !removed[i]);
    const withClass = c.classToken ? [plusRow(this.vector('classToken'), position[0]), ...tokens] : tokens;
    const latent = this.trunk('encoder', withClass, c.width, c.depth, c.heads);

    const embed = this.linear('decoder.embed', latent);
    let next = first;
    const filled = patches.map((_, i) =>
      removed[i] && !c.symmetric ? this.vector('decoder.maskToken') : (embed[next++] ?? []),
    );
    const all = [...embed.slice(0, first), ...filled];
    const decoded = this.trunk(
      'decoder',
      plus(all, this.table('decoder.position')),
      c.decoderWidth,
      c.decoderDepth,
      c.decoderHeads,
    );
    return { pred: this.linear('decoder.head', decoded.slice(first)), latent };
  }
}

const dot = (a: number[], b: number[]) => a.reduce((s, x, i) => s + x * (b[i] ?? NaN), 0);
const plusRow = (a: number[], b: number[] | undefined) => a.map((x, i) => x + (b?.[i] ?? NaN));
const plus = (a: Rows, b: Rows) => a.map((row, i) => plusRow(row, b[i]));

/** A linear congruential generator: the same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function randomParameters(c: MaeConfig, seed: number): Parameters {
  const next = numbers(seed);
  const parameters: Parameters = new Map();
  const add = (name: string, shape: number[], scale = 0.5, offset = 0) => {
    const size = shape.reduce((n, d) => n * d, 1);
    parameters.set(name, { shape, data: Float32Array.from({ length: size }, () => offset + scale * next()) });
  };
  const addLinear = (name: string, width: number, out: number) => {
    add(`${name}.weight`, [width, out], Math.sqrt(3 / width));
    add(`${name}.bias`, [out], 0.2);
  };
  const addTrunk = (name: string, width: number, depth: number) => {
    const addNorm = (norm: string) => {
      add(`${norm}.scale`, [width], 0.3, 1);
      add(`${norm}.shift`, [width], 0.3);
    };
    for (let i = 0; i < depth; i++) {
      addNorm(`${name}.${i}.norm1`);
      addLinear(`${name}.${i}.qkv`, width, 3 * width);
      addLinear(`${name}.${i}.proj`, width, width);
      addNorm(`${name}.${i}.norm2`);
      addLinear(`${name}.${i}.fc1`, width, 4 * width);
      addLinear(`${name}.${i}.fc2`, 4 * width, width);
    }
    addNorm(`${name}.norm`);
  };
  const length = c.patch ** 2 * c.channels;
  const rows = (c.size / c.patch) ** 2 + (c.classToken ? 1 : 0);
  addLinear('patchEmbed', length, c.width);
  if (c.classToken) add('classToken', [1, 1, c.width]);
  add('encoder.position', [rows, c.width], 1);
  addTrunk('encoder', c.width, c.depth);
  addLinear('decoder.embed', c.width, c.decoderWidth);
  add(c.symmetric ? 'encoder.maskToken' : 'decoder.maskToken', [1, 1, c.symmetric ? c.width : c.decoderWidth]);
  add('decoder.position', [rows, c.decoderWidth], 1);
  addTrunk('decoder', c.decoderWidth, c.decoderDepth);
  addLinear('decoder.head', c.decoderWidth, length);
  return parameters;
}

/** Odd sizes: 9 patches of 12 numbers, heads of 7 and 5. */
const ODD: MaeConfig = {
  channels: 3,
  size: 6,
  patch: 2,
  width: 21,
  depth: 2,
  heads: 3,
  decoderWidth: 10,
  decoderDepth: 1,
  decoderHeads: 2,
  classToken: false,
  symmetric: false,
};
const PATCHES = 9;
const LENGTH = 12;

function images(batch: number): Float32Array {
  const next = numbers(77);
  return Float32Array.from({ length: batch * PATCHES * LENGTH }, next);
}

function reference(parameters: Parameters, config: MaeConfig, patches: Float32Array, mask: number[]) {
  const model = new Reference(parameters, config);
  const pred: number[] = [];
  const latent: number[] = [];
  for (let b = 0; b * PATCHES < mask.length; b++) {
    const rows = Array.from({ length: PATCHES }, (_, i) => [
      ...patches.slice((b * PATCHES + i) * LENGTH, (b * PATCHES + i + 1) * LENGTH),
    ]);
    const out = model.run(
      rows,
      mask.slice(b * PATCHES, (b + 1) * PATCHES).map((m) => m === 1),
    );
    pred.push(...out.pred.flat());
    latent.push(...out.latent.flat());
  }
  return { pred, latent };
}

/** max|got − want| / max|want| */
function relativeError(got: ArrayLike<number | bigint> | undefined, want: readonly number[]): number {
  if (got?.length !== want.length) return Infinity;
  const differences = want.map((value, i) => Math.abs(Number(got[i]) - value));
  return Math.max(...differences) / Math.max(...want.map(Math.abs));
}

const opened: RunningModel[] = [];
async function open(bytes: Uint8Array): Promise<RunningModel> {
  const model = await openModel(bytes, { provider: 'wasm' });
  opened.push(model);
  return model;
}
afterAll(async () => {
  for (const model of opened) await model.close();
});

const TWO_MASKS = [1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0];

describe.each([
  ['visible patches only', { ...ODD }],
  ['visible patches only, class token', { ...ODD, classToken: true }],
  ['mask tokens in the encoder', { ...ODD, symmetric: true }],
  ['mask tokens in the encoder, class token', { ...ODD, symmetric: true, classToken: true }],
  ['one head as wide as the model', { ...ODD, heads: 1, decoderHeads: 1, decoderDepth: 2, depth: 1 }],
] satisfies [string, MaeConfig][])('%s', (_, config) => {
  const parameters = randomParameters(config, 5);
  const bytes = writeMae(parameters, config, { link: '#/masked-images?seed=7' });
  const patches = images(2);

  it('computes the paper’s forward pass', async () => {
    const model = await open(bytes);
    const want = reference(parameters, config, patches, TWO_MASKS);
    const { pred, latent } = await model.run(maeInputs(config, patches, TWO_MASKS));
    expect(pred?.shape).toEqual([2, PATCHES, LENGTH]);
    expect(latent?.shape).toEqual([2, (config.symmetric ? PATCHES : 3) + (config.classToken ? 1 : 0), config.width]);
    expect(relativeError(pred?.data, want.pred)).toBeLessThan(1e-5);
    expect(relativeError(latent?.data, want.latent)).toBeLessThan(1e-5);
  });

  it('serves every number of images and of visible patches', async () => {
    const model = await open(bytes);
    for (const visible of [1, 5, PATCHES]) {
      const mask = Array.from({ length: PATCHES }, (_, i) => ((i * 4) % PATCHES < visible ? 0 : 1));
      const one = patches.slice(0, PATCHES * LENGTH);
      const { pred } = await model.run(maeInputs(config, one, mask));
      expect(relativeError(pred?.data, reference(parameters, config, one, mask).pred)).toBeLessThan(1e-5);
    }
  });

  it('predicts images whose masks differ in size', async () => {
    const mask = [...TWO_MASKS.slice(0, PATCHES), 1, 1, 1, 1, 0, 1, 1, 1, 1];
    const pred = await predictMae(await open(bytes), config, patches, mask);
    expect(relativeError(pred, reference(parameters, config, patches, mask).pred)).toBeLessThan(1e-5);
  });

  it('loads back as it was', () => {
    const { params, metadata } = readParameters(bytes);
    expect(params).toEqual(parameters);
    expect(metadata.get('link')).toBe('#/masked-images?seed=7');
    expect(readMaeConfig(metadata)).toEqual(config);
  });
});

describe('order of visible patches', () => {
  it('does not change a prediction: attention is a sum over sets', async () => {
    const parameters = randomParameters(ODD, 9);
    const model = await open(writeMae(parameters, ODD));
    const patches = images(1);
    const inputs = { patches: { shape: [1, PATCHES, LENGTH], data: patches } };
    const ids = (keep: number[]) => {
      const rest = Array.from({ length: PATCHES }, (_, i) => i).filter((i) => !keep.includes(i));
      const shuffle = [...keep, ...rest];
      return {
        ids_keep: { shape: [1, keep.length], data: BigInt64Array.from(keep, BigInt) },
        ids_restore: {
          shape: [1, PATCHES],
          data: BigInt64Array.from(shuffle.map((_, i) => BigInt(shuffle.indexOf(i)))),
        },
      };
    };
    const a = await model.run({ ...inputs, ...ids([6, 2, 4]) });
    const b = await model.run({ ...inputs, ...ids([2, 4, 6]) });
    expect(relativeError(a.pred?.data, [...(b.pred?.data ?? [])].map(Number))).toBeLessThan(1e-6);
  });

  it('ids of a mask follow the paper’s shuffle', () => {
    const { idsKeep, idsRestore, visible } = maskIds([1, 0, 1, 1, 0, 1, 1, 1], 8);
    expect(visible).toBe(2);
    expect([...idsKeep]).toEqual([1n, 4n]);
    expect([...idsRestore]).toEqual([2n, 0n, 3n, 4n, 1n, 5n, 6n, 7n]);
    expect(() => maskIds([1, 1, 1], 3)).toThrow(/keep 0 patches/);
    expect(() => maskIds([1, 0, 0, 0], 2)).toThrow(/keep 1, 2 patches/);
  });
});

describe('wrong parameters', () => {
  const without = (name: string) => {
    const parameters = randomParameters(ODD, 1);
    parameters.delete(name);
    return parameters;
  };

  it('names what is missing, misshapen or left over', () => {
    expect(() => writeMae(without('encoder.1.fc2.bias'), ODD)).toThrow('"encoder.1.fc2.bias" [21] is missing');
    expect(() => writeMae(randomParameters(ODD, 1), { ...ODD, width: 24 })).toThrow(
      /has shape \[9,21\].*ask for \[9,24\]/,
    );
    expect(() => writeMae(randomParameters(ODD, 1), { ...ODD, depth: 1 })).toThrow(
      /no place for parameter "encoder\.1\./,
    );
    expect(() => writeMae(randomParameters(ODD, 1), { ...ODD, heads: 2 })).toThrow(
      /width 21 does not divide by 2 heads/,
    );
  });

  it('a file without the config says so', () => {
    expect(() => readMaeConfig(new Map())).toThrow(/not a masked autoencoder/);
    expect(() => readMaeConfig(new Map([['glimpse.mae', '{']]))).toThrow(/is not valid/);
    expect(() => readMaeConfig(new Map([['glimpse.mae', JSON.stringify({ ...ODD, heads: -3 })]]))).toThrow(
      /at "heads"/,
    );
  });
});
