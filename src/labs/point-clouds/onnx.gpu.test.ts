// Our own forward pass against ONNX Runtime's on the same file, and the way out of a run and back into one.
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxNormals, philoxUniforms } from '../../engine/philox';
import { compile } from '../../engine/plan';
import { constant } from '../../engine/state';
import { sizeOf } from '../../engine/tensor';
import { openModel } from '../../models/session';
import { ParameterSet } from '../../nn/parameters';
import type { Snapshot } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { meta } from './meta';
import { networkOn } from './network';
import type { NetworkShape } from './networkShape';
import { exportNetwork, importNetwork, inputForm, readPointCloudFacts } from './onnx';

const N = 23;
const TIMEOUT = 400_000;
const base = { channels: 3, outputs: 5, categories: 0, width: 8, dropout: 0.3 } as const;
const classes = { ...base, task: 'classification', bottleneck: 32 } as const;
const parts = { ...base, task: 'parts', categories: 4, bottleneck: 32 } as const;
const balls = { method: 'pointnet2', centres: 9, members: 4, radius: 0.5 } as const;

const SHAPES: readonly NetworkShape[] = [
  { ...classes, method: 'pointnet', inputTransform: true, featureTransform: true, pooling: 'max' },
  { ...parts, channels: 6, method: 'pointnet', inputTransform: false, featureTransform: false, pooling: 'mean' },
  { ...classes, ...balls, grouping: 'mrg' },
  { ...parts, ...balls, grouping: 'msg' },
  { ...parts, method: 'dgcnn', k: 4, graph: 'dynamic' },
  { ...base, task: 'classification', method: 'voxels', side: 16, occupancy: 'binary' },
  { ...base, task: 'classification', method: 'views', views: 3, size: 16, shading: 'normals' },
];

/** Logits on the GPU with weights that are nowhere zero, and these weights. */
async function ours(shape: NetworkShape) {
  const runtime = await testRuntime();
  const set = new ParameterSet(1);
  const { name, shape: dims } = inputForm(shape, N);
  const input = philoxUniforms(sizeOf(dims), 2, 'x').map((u) => 2 * u - 1);
  const category = shape.categories > 0 ? constant([2], [1], 'u32') : undefined;
  const { logits } = networkOn({ p: set, mode: { training: false } }, shape, constant(input, dims), category);
  const plan = await compile(runtime, { outputs: { logits }, poison: true });
  const weights = new Map(
    set.all.map((p, k) => {
      const data = philoxNormals(p.size, k, 'weights').map((z) =>
        p.name.endsWith('Variance') ? 1 + 0.1 * z : 0.3 * z,
      );
      return [p.name, { shape: p.shape, data }] as const;
    }),
  );
  runtime.write(set.values, set.join(weights, set.initialValues()));
  plan.run();
  const output = Array.from(await plan.read('logits'));
  plan.dispose();
  const snapshot: Snapshot = { step: 9, parameters: weights, firstMoment: new Map(), secondMoment: new Map() };
  return { output, snapshot, input: { [name]: { shape: dims, data: input } } };
}

describe.each(SHAPES)('$method for $task as an ONNX file', (shape) => {
  const run = { config: labDefaults(meta), changes: [] };

  it(
    'gives in ONNX Runtime what it gives on the GPU, comes back, and says what does not fit',
    async () => {
      const { output, snapshot, input } = await ours(shape);
      const { bytes } = exportNetwork(snapshot, { network: shape, points: N, data: 'furniture' }, run);
      const model = await openModel(bytes, { provider: 'wasm' });
      const { logits: theirs } = await model.run({
        ...input,
        ...(shape.categories > 0 && { category: { shape: [1], data: BigInt64Array.of(2n) } }),
      });
      await model.close();
      const largest = Math.max(...output.map(Math.abs));
      const error = Math.max(...output.map((y, i) => Math.abs(y - Number(theirs?.data[i])))) / largest;
      expect(error).toBeLessThan(1e-4);
      const back = importNetwork(bytes, shape);
      expect(new Map([...back.parameters].sort())).toEqual(new Map([...snapshot.parameters].sort()));
      expect(readPointCloudFacts(bytes)).toMatchObject({ method: shape.method, data: 'furniture', steps: 9 });
      expect(() => importNetwork(bytes, { ...shape, width: 16 })).toThrow(/width 8 \(here 16\)/);
    },
    TIMEOUT,
  );
});
