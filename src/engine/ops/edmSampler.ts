import { defineOp, type Kernel, type Operand } from '../op';
import { streamOf } from '../philox';
import { ShapeError, sizeOf, type Node, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** Columns of a row of the sampler's table, in order; shaders/edmSampler.wgsl says what they do. */
export const SAMPLER_COLUMNS = [
  ...['input', 'label', 'skip', 'out'],
  ...['signal', 'noise', 'guidance', 'step'],
  ...['state', 'network', 'saved', 'fresh'],
  ...['savedState', 'savedNetwork', 'savedSaved', 'record'],
] as const;

export interface SamplerAttrs {
  /** The network runs on the batch twice, with its condition and without. */
  readonly guided: boolean;
  /** Fresh noise is read from a state instead of drawn. */
  readonly noiseGiven: boolean;
}

/** Streams of chance: noise added on the way (Philox step = steps done), at the start (0), and to the known part (row of the table). */
export const SAMPLER_STREAMS = {
  fresh: 'sampler noise',
  start: 'sampler start',
  known: 'sampler in-painting',
} as const;

function dims(state: Operand, attrs: SamplerAttrs, written: number, other: keyof typeof SAMPLER_STREAMS = 'fresh') {
  const { workgroups, width } = lineGrid(Math.ceil(written / 4));
  const uniform = {
    count: state.size,
    batch: state.shape[0] ?? 1,
    width,
    guided: attrs.guided ? 1 : 0,
    noiseGiven: attrs.noiseGiven ? 1 : 0,
    freshStream: streamOf(SAMPLER_STREAMS.fresh),
    otherStream: streamOf(SAMPLER_STREAMS[other]),
  };
  return { uniform, workgroups };
}

function checkTable(
  op: string,
  inputs: readonly Tensor[],
  rows: Tensor | undefined,
  counter: Tensor | undefined,
): void {
  if (rows?.shape.length !== 2 || rows.shape[1] !== SAMPLER_COLUMNS.length || counter?.dtype !== 'u32') {
    throw new ShapeError(op, `takes a table [R, ${SAMPLER_COLUMNS.length}] and a u32 counter`, inputs);
  }
}

/** state [B, …], rows [R, 16], counter u32 [] → network input [B, …], labels [B], levels [B, 2]; B doubled where guided. */
export const samplerPrepareOp = defineOp<SamplerAttrs>({
  name: 'samplerPrepare',
  infer: (inputs, { guided }) => {
    const [state, rows, counter] = inputs;
    checkTable('samplerPrepare', inputs, rows, counter);
    const [first = 1, ...rest] = state?.shape ?? [];
    const batch = first * (guided ? 2 : 1);
    return [
      { shape: [batch, ...rest], dtype: 'f32' },
      { shape: [batch], dtype: 'f32' },
      { shape: [batch, 2], dtype: 'f32' },
    ];
  },
  kernels: ({ inputs: [state, rows, counter], outputs: [input, label, level], attrs }): Kernel[] => {
    if (!state || !rows || !counter || !input || !label || !level) return [];
    const bindings = { state, rows, counter, input, label, level };
    return [{ shader: 'edmSampler', entry: 'prepare', ...dims(state, attrs, input.size), bindings }];
  },
});

/** Changes x [B, …], saved and history in place, from network, rows, counter, seed and noise. */
export const samplerUpdateOp = defineOp<SamplerAttrs>({
  name: 'samplerUpdate',
  mutates: [0, 1, 2],
  infer: (inputs, { guided }) => {
    const [x, saved, , network, rows, counter] = inputs;
    checkTable('samplerUpdate', inputs, rows, counter);
    const size = sizeOf(x?.shape ?? []);
    const wanted = size * (guided ? 2 : 1);
    if (!saved || !network || sizeOf(saved.shape) !== size || sizeOf(network.shape) !== wanted || inputs.length !== 8) {
      throw new ShapeError(
        'samplerUpdate',
        `the network's output must hold ${wanted} numbers, as the state asks`,
        inputs,
      );
    }
    return [];
  },
  kernels: ({ inputs: [x, saved, history, network, rows, counter, seed, noise], attrs }): Kernel[] => {
    if (!x || !saved || !history || !network || !rows || !counter || !seed || !noise) return [];
    const bindings = { x, saved, history, network, rows, counter, seed, noise };
    return [{ shader: 'edmSampler', entry: 'update', ...dims(x, attrs, x.size), bindings, flops: 8 * x.size }];
  },
});

/** Changes the counter u32 [] in place. */
export const samplerAdvanceOp = defineOp<Record<string, never>>({
  name: 'samplerAdvance',
  mutates: [0],
  infer: (inputs) => {
    if (inputs[0]?.dtype !== 'u32') throw new ShapeError('samplerAdvance', 'takes a u32 counter', inputs);
    return [];
  },
  kernels: ({ inputs: [counting] }): Kernel[] =>
    counting ? [{ shader: 'edmSampler', entry: 'advance', bindings: { counting }, workgroups: [1] }] : [],
});

/** Changes x [B, …], saved, history and counter in place, from given, rows, seed and noise: row 0 of the table. */
export const samplerStartOp = defineOp<SamplerAttrs>({
  name: 'samplerStart',
  mutates: [0, 1, 2, 3],
  infer: (inputs) => {
    const [x, , , counter, given, rows] = inputs;
    checkTable('samplerStart', inputs, rows, counter);
    if (!given || sizeOf(given.shape) !== sizeOf(x?.shape ?? []) || inputs.length !== 8) {
      throw new ShapeError('samplerStart', 'the given start must have the shape of the state', inputs);
    }
    return [];
  },
  kernels: ({ inputs: [x, saved, history, counting, given, rows, seed, noise], attrs }): Kernel[] => {
    if (!x || !saved || !history || !counting || !given || !rows || !seed || !noise) return [];
    const bindings = { x, saved, history, counting, given, rows, seed, noise };
    return [{ shader: 'edmSampler', entry: 'start', ...dims(x, attrs, x.size, 'start'), bindings }];
  },
});

/** Changes x [B, …] in place, from known and mask of its shape (1 = to be painted), rows, counter and seed. */
export const samplerInpaintOp = defineOp<SamplerAttrs>({
  name: 'samplerInpaint',
  mutates: [0],
  infer: (inputs) => {
    const [x, known, mask, rows, counter] = inputs;
    checkTable('samplerInpaint', inputs, rows, counter);
    const size = sizeOf(x?.shape ?? []);
    if (!known || !mask || sizeOf(known.shape) !== size || sizeOf(mask.shape) !== size || inputs.length !== 6) {
      throw new ShapeError('samplerInpaint', 'known and mask must have the shape of the state', inputs);
    }
    return [];
  },
  kernels: ({ inputs: [x, known, mask, rows, counter, seed], attrs }): Kernel[] => {
    if (!x || !known || !mask || !rows || !counter || !seed) return [];
    const bindings = { x, known, mask, rows, counter, seed };
    return [{ shader: 'edmSampler', entry: 'inpaint', ...dims(x, attrs, x.size, 'known'), bindings }];
  },
});

/** Tensors of states that a sampler works on: x, saved, given [B, …], history [≥ 1, …], rows [R, 16], counter and seed u32 [], noise. */
export interface SamplerStates {
  readonly x: Tensor;
  readonly saved: Tensor;
  readonly given: Tensor;
  readonly history: Tensor;
  readonly rows: Tensor;
  readonly counter: Tensor;
  readonly seed: Tensor;
  readonly noise: Tensor;
}

export interface SamplerOptions {
  readonly guided: boolean;
  readonly noiseGiven: boolean;
  /** Known part of the samples and where to paint (1) or keep (0), both of the state's shape. */
  readonly inpaint?: { readonly known: Tensor; readonly mask: Tensor };
}

/** The network of a sampler: F from input [B, …] and labels [B]; levels [B, 2] = (signal, noise) are for exact denoisers. */
export type SampledNetwork = (input: Tensor, label: Tensor, level: Tensor) => Tensor;

/** Effects of one network evaluation at row `counter` of the table (Karras et al. 2022). Throws ShapeError where shapes do not fit. */
export function samplerEvaluation(s: SamplerStates, network: SampledNetwork, options: SamplerOptions): Node[] {
  const attrs = { guided: options.guided, noiseGiven: options.noiseGiven };
  const [input, label, level] = samplerPrepareOp.apply([s.x, s.rows, s.counter], attrs);
  if (!input || !label || !level) throw new Error('samplerPrepare: gave no input');
  const output = network(input, label, level);
  const effects = [samplerUpdateOp.node([s.x, s.saved, s.history, output, s.rows, s.counter, s.seed, s.noise], attrs)];
  if (options.inpaint) {
    const { known, mask } = options.inpaint;
    effects.push(samplerInpaintOp.node([s.x, known, mask, s.rows, s.counter, s.seed], attrs));
  }
  effects.push(samplerAdvanceOp.node([s.counter], {}));
  return effects;
}

/** Effect that sets a trajectory to its start, row 0 of the table. */
export function samplerStart(s: SamplerStates, options: Pick<SamplerOptions, 'noiseGiven'>): Node {
  const attrs = { guided: false, noiseGiven: options.noiseGiven };
  return samplerStartOp.node([s.x, s.saved, s.history, s.counter, s.given, s.rows, s.seed, s.noise], attrs);
}
