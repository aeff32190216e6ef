/** The peers' sides of the convolution contests, each in the layout that it prefers. */
import { blockUntilReady, grad, jit, lax, numpy as np, type Array as JaxArray } from '@jax-js/jax';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import { OnnxGraph } from '../src/models/onnxGraph';
import { ort } from '../src/models/ortWebgpu';
import type { Contestant } from './contest';
import type { ConvPeer, ConvTask } from './conv';

/** [outer, rows, columns] → [outer, columns, rows]. */
function swapped(data: ArrayLike<number>, outer: number, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(data.length);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        result[(o * columns + c) * rows + r] = data[(o * rows + r) * columns + c] ?? NaN;
  return result;
}

/** weight [3, 3, C, O] → [O, C, 3, 3], as PyTorch, JAX and ONNX have it. */
function outputsFirst({ channels, outputs, weight }: ConvTask): Float32Array<ArrayBuffer> {
  return swapped(swapped(weight, 1, 9 * channels, outputs), outputs, 9, channels);
}

/** jax-js: pictures [B, C, H, W], weight [O, C, 3, 3]. */
export const jaxConv: ConvPeer = (task) => {
  const { batch, channels, outputs, size, backward } = task;
  const forward = (x: JaxArray, w: JaxArray) =>
    lax.convGeneralDilated(
      x,
      w,
      [1, 1],
      [
        [1, 1],
        [1, 1],
      ],
    );
  const inputs = [
    np.array(task.x.slice()).reshape([batch, channels, size, size]),
    np.array(outputsFirst(task)).reshape([outputs, channels, 3, 3]),
    np.array(task.g.slice()).reshape([batch, outputs, size, size]),
  ];
  const loss = (x: JaxArray, w: JaxArray, g: JaxArray) => forward(x, w).mul(g).sum();
  const slopes = grad(loss, { argnums: [0, 1] });
  const both = jit((x: JaxArray, w: JaxArray, g: JaxArray) => [...slopes(x.ref, w.ref, g), forward(x, w)]);
  const single = jit((x: JaxArray, w: JaxArray) => [forward(x, w)]);
  const once = (): JaxArray[] => {
    // jax-js consumes what it is given: `ref` keeps the inputs.
    const [x, w, g] = inputs;
    if (!x || !w || !g) throw new Error('bench: no inputs');
    return backward ? both(x.ref, w.ref, g.ref) : single(x.ref, w.ref);
  };
  const contestant: Contestant = {
    engine: 'jax-js',
    run: async () => {
      const all = once();
      for (const y of all) await blockUntilReady(y);
      all.forEach((y) => y.dispose());
    },
    result: async () => {
      const all = once();
      const wanted = all[backward ? 1 : 0];
      if (!wanted) throw new Error('bench: no result');
      all.filter((y) => y !== wanted).forEach((y) => y.dispose());
      const data = Array.from((await wanted.data()) as Float32Array);
      // [O, C, 9] → [9, C, O].
      return backward ? swapped(swapped(data, outputs, channels, 9), 1, outputs, 9 * channels) : data;
    },
    dispose: () => inputs.forEach((a) => a.dispose()),
  };
  return Promise.resolve(contestant);
};

/** TensorFlow.js: pictures [B, H, W, C], weight [3, 3, C, O]. */
export const tfjsConv: ConvPeer = (task) => {
  const { batch, channels, outputs, size, backward } = task;
  const x = tf.tensor4d(swapped(task.x, batch, channels, size ** 2), [batch, size, size, channels]);
  const w = tf.tensor4d(task.weight, [3, 3, channels, outputs]);
  const g = tf.tensor4d(swapped(task.g, batch, outputs, size ** 2), [batch, size, size, outputs]);
  const once = (): tf.Tensor[] => {
    const y = tf.conv2d(x, w, 1, 'same');
    if (!backward) return [y];
    // What the gradient of conv2d is made of; core has no other public name for the gradient by the filter.
    const dx = tf.conv2dTranspose(g, w, [batch, size, size, channels], 1, 'same');
    const dw = tf.engine().runKernel(
      tf.Conv2DBackpropFilter,
      { x, dy: g } as unknown as tf.NamedTensorMap,
      {
        strides: 1,
        pad: 'same',
        dataFormat: 'NHWC',
        dimRoundingMode: null,
        filterShape: [3, 3, channels, outputs],
      } as unknown as tf.NamedAttrMap,
    ) as tf.Tensor;
    return [dw, dx, y];
  };
  const contestant: Contestant = {
    engine: 'tfjs',
    run: async () => {
      const all = tf.tidy(once);
      // Reading one number of each back waits for the whole.
      const firsts = all.map((y) => tf.tidy(() => tf.slice(tf.reshape(y, [-1]), [0], [1])));
      for (const first of firsts) await first.data();
      tf.dispose([...all, ...firsts]);
    },
    result: async () => {
      const all = tf.tidy(once);
      const data = (await all[0]?.data()) ?? [];
      tf.dispose(all);
      return backward ? data : swapped(data, batch, size ** 2, outputs);
    },
    dispose: () => tf.dispose([x, w, g]),
  };
  return Promise.resolve(contestant);
};

/** onnxruntime-web on its own device, inputs and outputs staying there; it does not differentiate. */
export const ortConv: ConvPeer = (task) => (task.backward ? undefined : openOrt(task));

async function openOrt(task: ConvTask): Promise<Contestant> {
  const { batch, channels, outputs, size } = task;
  const weight = { shape: [outputs, channels, 3, 3], data: outputsFirst(task) };
  const graph = new OnnxGraph('conv', new Map([['weight', weight]]));
  const x = graph.input('x', 'f32', [batch, channels, size, size]);
  const y = graph.node('Conv', [x, graph.parameter('weight', weight.shape)], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
  });
  graph.output('y', y, 'f32', [batch, outputs, size, size]);
  const session = await ort.InferenceSession.create(graph.finish(new Map()), {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
  });
  const device = (await ort.env.webgpu.device) as GPUDevice;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: task.x.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, task.x.slice());
  const dims = [batch, channels, size, size];
  const feed = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  const once = async () => {
    const { y: made } = await session.run({ x: feed });
    if (!made) throw new Error('bench: onnxruntime-web gave no output');
    return made;
  };
  return {
    engine: 'onnxruntime-web',
    run: async () => {
      const made = await once();
      await device.queue.onSubmittedWorkDone();
      made.dispose();
    },
    result: async () => {
      const made = await once();
      const data = (await made.getData(true)) as Float32Array;
      return data;
    },
    dispose: () => {
      void session.release();
      buffer.destroy();
    },
  };
}
