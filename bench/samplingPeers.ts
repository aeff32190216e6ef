/** Peers of the sampling contest: jax-js, one jitted function a network evaluation, and onnxruntime-web on WebGPU. */
import { blockUntilReady, jit, nn, numpy as np, type Array as JaxArray } from '@jax-js/jax';
import type { Tensor } from 'onnxruntime-web';
import { writeDiffusion } from '../src/models/diffusionOnnx';
import { OnnxGraph } from '../src/models/onnxGraph';
import { ort } from '../src/models/ortWebgpu';
import type { SamplingPeer, SamplingTask } from './sampling';

type Arrays = Record<string, JaxArray>;

/** Coefficients of a row that the update takes. */
const COEFFICIENTS = ['input', 'label', 'state', 'network', 'saved', 'savedState', 'savedNetwork'] as const;

const array = (data: ArrayLike<number>, shape: readonly number[]): JaxArray =>
  np.array(Float32Array.from(data)).reshape([...shape]);
const held = (all: Arrays): Arrays => Object.fromEntries(Object.entries(all).map(([name, x]) => [name, x.ref]));

/** F of a scaled input [B, 3, S, S] and label [1]: the diffusion transformer of src/labs/diffusion/dit.ts. */
function network({ shape, images: B }: SamplingTask, w: Arrays, x: JaxArray, label: JaxArray): JaxArray {
  const { channels: C, size, patch, width: D, depth, heads } = shape;
  const side = size / patch;
  const L = side * side;
  const weight = (name: string): JaxArray => {
    const found = w[name];
    if (!found) throw new Error(`bench: no weight "${name}"`);
    return found.ref;
  };
  const linear = (name: string, y: JaxArray): JaxArray =>
    (np.matmul(y, weight(`${name}.weight`)) as unknown as JaxArray).add(weight(`${name}.bias`));
  const norm = (name: string, y: JaxArray): JaxArray =>
    nn
      .standardize(y, -1, { epsilon: 1e-6 })
      .mul(weight(`${name}.scale`))
      .add(weight(`${name}.shift`));
  const features = np.sin(weight('omega').mul(label).add(weight('phase'))).reshape([1, -1]);
  const embedded = linear('noise.fc2', nn.silu(linear('noise.fc1', features))).add(weight('classRows'));
  const parts = np.split(linear('modulation', nn.silu(embedded)).reshape([B, 8, D]), 8, 1);
  const part = (k: number): JaxArray => {
    const found = parts[k];
    if (!found) throw new Error('bench: a part of the modulation is missing');
    return found.ref;
  };
  const modulated = (y: JaxArray, shift: number): JaxArray => y.mul(part(shift + 1).add(1)).add(part(shift));
  const patches = np
    .transpose(x.reshape([B, C, side, patch, side, patch]), [0, 2, 4, 3, 5, 1])
    .reshape([B, L, patch * patch * C]);
  let tokens = linear('patchEmbed', patches).add(weight('positions'));
  for (let i = 0; i < depth; i++) {
    const name = `block.${i}`;
    const qkv = linear(`${name}.qkv`, modulated(norm(`${name}.norm1`, tokens.ref), 0));
    const [q, k, v] = np.split(qkv, 3, 2).map((one) => one.reshape([B, L, heads, D / heads]));
    if (!q || !k || !v) throw new Error('bench: nothing to attend to');
    const attended = linear(`${name}.proj`, nn.dotProductAttention(q, k, v).reshape([B, L, D]));
    tokens = tokens.add(part(2).mul(attended));
    const hidden = linear(`${name}.fc1`, modulated(norm(`${name}.norm2`, tokens.ref), 3));
    tokens = tokens.add(part(5).mul(linear(`${name}.fc2`, nn.gelu(hidden, { approximate: false }))));
  }
  const out = linear('head', modulated(norm('head.norm', tokens), 6));
  return np.transpose(out.reshape([B, side, side, patch, patch, C]), [0, 5, 1, 3, 2, 4]).reshape([B, C, size, size]);
}

export const jaxSampling: SamplingPeer = (task) => {
  const { shape, images, weights, noise, start, rows } = task;
  const dims = [images, shape.channels, shape.size, shape.size];
  const L = (shape.size / shape.patch) ** 2;
  const all: Arrays = {
    ...Object.fromEntries([...weights].map(([name, { shape: s, data }]) => [name, array(data, s)])),
    positions: array(task.positions, [L, shape.width]),
    classRows: array(task.classRows, [images, shape.width]),
    omega: array(task.omega, [task.omega.length]),
    phase: array(task.phase, [task.phase.length]),
  };
  const table = rows.map((row) => COEFFICIENTS.map((name) => array([row[name]], [1])));
  const step = (w: Arrays, x: JaxArray, saved: JaxArray, ...c: JaxArray[]): [JaxArray, JaxArray] => {
    const of = (k: number): JaxArray => {
      const found = c[k];
      if (!found) throw new Error('bench: a coefficient is missing');
      return found.ref;
    };
    const f = network(task, w, x.ref.mul(of(0)), of(1));
    const next = x.ref
      .mul(of(2))
      .add(f.ref.mul(of(3)))
      .add(saved.ref.mul(of(4)));
    return [next, x.ref.mul(of(5)).add(f.mul(of(6)))];
  };
  const compiled = jit(step as never) as unknown as typeof step;
  const begin = array(
    noise.map((z) => start * z),
    dims,
  );
  const once = (): JaxArray => {
    let [x, saved] = [begin.ref, np.zeros(dims)];
    for (const c of table) [x, saved] = compiled(held(all), x, saved, ...c.map((one) => one.ref));
    saved.dispose();
    return x;
  };
  return Promise.resolve({
    engine: 'jax-js',
    run: async () => {
      const x = once();
      await blockUntilReady(x);
      x.dispose();
    },
    result: async () => Array.from(await once().data()),
    dispose: () => [...Object.values(all), begin, ...table.flat()].forEach((x) => x.dispose()),
  });
};

/** What takes the state one evaluation on, as a model of its own, so that nothing leaves the device. */
function updateModel(dims: readonly number[]): Uint8Array {
  const g = new OnnxGraph('update', new Map());
  const [x, saved, f] = ['x', 'savedState', 'f'].map((name) => g.input(name, 'f32', dims));
  const c = (name: string) => g.input(name, 'f32', [1]);
  const times = (a = '', b = '') => g.node('Mul', [a, b]);
  const sum = (...terms: string[]) => terms.reduce((a, b) => g.node('Add', [a, b]));
  const next = sum(times(x, c('c.state')), times(f, c('c.network')), times(saved, c('c.saved')));
  const kept = sum(times(x, c('c.savedState')), times(f, c('c.savedNetwork')));
  g.output('next', next, 'f32', dims);
  g.output('kept', kept, 'f32', dims);
  g.output('input', times(next, c('c.input')), 'f32', dims);
  return g.finish(new Map());
}

export const ortSampling: SamplingPeer = async (task) => {
  const { shape, images, weights, noise, start, rows } = task;
  const dims = [images, shape.channels, shape.size, shape.size];
  const L = (shape.size / shape.patch) ** 2;
  const { omega, phase } = task;
  const tables = { noise: { omega, phase }, place: { omega: [], phase: [] } };
  const positions = { shape: [L, shape.width], data: task.positions };
  const bytes = writeDiffusion(weights, { ...tables, positions }, { network: shape, labelSpan: 1 });
  const options = { executionProviders: ['webgpu'], preferredOutputLocation: 'gpu-buffer' } as const;
  const model = await ort.InferenceSession.create(bytes, options);
  const update = await ort.InferenceSession.create(updateModel(dims), options);
  const device = (await ort.env.webgpu.device) as GPUDevice;
  const classes = new ort.Tensor(
    'int64',
    BigInt64Array.from({ length: images }, (_, i) => BigInt(i % shape.classes)),
    [images],
  );
  const one = (value: number) => new ort.Tensor('float32', Float32Array.of(value), [1]);
  const upload = (data: Float32Array) => new ort.Tensor('float32', data, dims);
  const once = async (): Promise<Tensor> => {
    let x: Tensor = upload(noise.map((z) => start * z));
    let saved: Tensor = upload(new Float32Array(noise.length));
    let input: Tensor = upload(noise.map((z) => start * (rows[0]?.input ?? 1) * z));
    for (const [k, row] of rows.entries()) {
      const label = new ort.Tensor('float32', new Float32Array(images).fill(row.label), [images]);
      const { output } = await model.run({ input, label, class: classes });
      if (!output) throw new Error('bench: onnxruntime-web gave no output');
      const made = await update.run({
        x,
        savedState: saved,
        f: output,
        'c.state': one(row.state),
        'c.network': one(row.network),
        'c.saved': one(row.saved),
        'c.savedState': one(row.savedState),
        'c.savedNetwork': one(row.savedNetwork),
        'c.input': one(rows[k + 1]?.input ?? 1),
      });
      for (const done of [x, saved, input, output]) done.dispose();
      const { next, kept, input: following } = made;
      if (!next || !kept || !following) throw new Error('bench: onnxruntime-web gave no update');
      [x, saved, input] = [next, kept, following];
    }
    saved.dispose();
    input.dispose();
    return x;
  };
  return {
    engine: 'onnxruntime-web',
    run: async () => {
      const x = await once();
      await device.queue.onSubmittedWorkDone();
      x.dispose();
    },
    result: async () => (await (await once()).getData(true)) as Float32Array,
    dispose: () => {
      void model.release();
      void update.release();
    },
  };
};
