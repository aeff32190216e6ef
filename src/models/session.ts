/**
 * Models on onnxruntime-web. It is loaded when the first model is opened: 4 MB compressed for the CPU, 7 MB for WebGPU, always
 * from the page's own origin.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { TensorData } from './tensorProto';

export type Provider = 'wasm' | 'webgpu';

/** An array that goes in or comes out, row-major. */
export interface ModelArray {
  readonly shape: readonly number[];
  readonly data: TensorData;
}
export type ModelArrays = Readonly<Record<string, ModelArray>>;

/** What went wrong in the runtime, and what to do. */
export class ModelRunError extends Error {
  override readonly name = 'ModelRunError';
}

/** A model that is ready to run. */
export interface RunningModel {
  readonly provider: Provider;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** All outputs by name. Throws ModelRunError on missing, unknown or wrongly shaped inputs. Calls wait for each other. */
  run(inputs: ModelArrays): Promise<Record<string, ModelArray>>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly provider: Provider;
  /**
   * Inputs on which WebGPU must agree with the CPU (relative to the largest output, 1e-3) before the model is handed out. Give
   * them: drivers exist that compute wrong numbers without an error.
   */
  readonly probe?: ModelArrays;
}

const AGREEMENT = 1e-3;
/** Shape arithmetic stays on the CPU by design; the runtime would warn of it for every model. */
const ERRORS_ONLY = 3;

type Ort = typeof import('onnxruntime-web');

const loaded = new Map<Provider, Promise<Ort>>();

function loadRuntime(provider: Provider): Promise<Ort> {
  const known = loaded.get(provider);
  if (known) return known;
  const loading = importRuntime(provider).then((ort) => {
    // One thread: more of them need cross-origin isolation, which a static host cannot promise.
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
    return ort;
  });
  loaded.set(provider, loading);
  // A failed download may succeed the next time.
  loading.catch(() => loaded.delete(provider));
  return loading;
}

async function importRuntime(provider: Provider): Promise<Ort> {
  if (import.meta.env.SSR) {
    if (provider === 'webgpu') throw new ModelRunError('provider "webgpu" needs a browser; use "wasm" in Node');
    return (await import('./ortNode')).ort;
  }
  return provider === 'webgpu' ? (await import('./ortWebgpu')).ort : (await import('./ortWasm')).ort;
}

/** The runtime runs one model at a time; its WebGPU provider fails on overlapping calls. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = queue.then(task, task);
  queue = result.catch(() => undefined);
  return result;
}

/**
 * Opens a .onnx file. On 'wasm' a run blocks the calling thread: open large models in a worker. Throws ModelRunError when the runtime
 * cannot be loaded, refuses the file, has no WebGPU, or computes other numbers there than on the CPU.
 */
export async function openModel(bytes: Uint8Array, { provider, probe }: OpenOptions): Promise<RunningModel> {
  const ort = await loadRuntime(provider).catch((error: unknown) => {
    throw failure(`ONNX Runtime (${provider}) cannot be loaded`, error, 'check the connection and try again');
  });
  const model = await openOn(ort, bytes, provider);
  if (provider === 'webgpu' && probe) await requireAgreement(ort, bytes, model, probe);
  return model;
}

async function openOn(ort: Ort, bytes: Uint8Array, provider: Provider): Promise<RunningModel> {
  const session = await inTurn(() =>
    ort.InferenceSession.create(bytes, { executionProviders: [provider], logSeverityLevel: ERRORS_ONLY }),
  ).catch((error: unknown) => {
    const fix = provider === 'webgpu' ? 'use the provider "wasm"' : 'export or download the model again';
    throw failure(`the model does not open on ${provider}`, error, fix);
  });
  return {
    provider,
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: (inputs) => inTurn(() => run(ort, session, inputs)),
    close: () => inTurn(() => session.release()),
  };
}

async function run(ort: Ort, session: InferenceSession, inputs: ModelArrays): Promise<Record<string, ModelArray>> {
  const missing = session.inputNames.filter((name) => !(name in inputs));
  const unknown = Object.keys(inputs).filter((name) => !session.inputNames.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    const [problem, names] = missing.length > 0 ? ['is missing', missing] : ['is unknown', unknown];
    throw new ModelRunError(
      `model input "${names.join('", "')}" ${problem}; the model takes ${session.inputNames.join(', ')}`,
    );
  }
  const feeds: Record<string, Tensor> = {};
  for (const [name, array] of Object.entries(inputs)) feeds[name] = tensorOf(ort, name, array);
  const results = await session.run(feeds).catch((error: unknown) => {
    const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} [${shape.join()}]`);
    throw failure('the model does not run', error, `check the shapes given: ${shapes.join(', ')}`);
  });
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, arrayOf(name, tensor)]));
}

function tensorOf(ort: Ort, name: string, { shape, data }: ModelArray): Tensor {
  const size = shape.reduce((n, d) => n * d, 1);
  if (size !== data.length) {
    throw new ModelRunError(
      `model input "${name}" has shape [${shape.join()}] and ${data.length} numbers; give ${size} numbers`,
    );
  }
  return data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int64', data, shape);
}

function arrayOf(name: string, { dims, data }: { dims: readonly number[]; data: unknown }): ModelArray {
  if (data instanceof Float32Array || data instanceof BigInt64Array) return { shape: dims, data };
  throw new ModelRunError(`model output "${name}" is neither float32 nor int64; use a model exported by Glimpse`);
}

async function requireAgreement(ort: Ort, bytes: Uint8Array, model: RunningModel, probe: ModelArrays): Promise<void> {
  const reference = await openOn(ort, bytes, 'wasm');
  try {
    const want = await reference.run(probe);
    const got = await model.run(probe);
    for (const name of model.outputs) {
      const error = relativeError(got[name], want[name]);
      if (error <= AGREEMENT) continue;
      throw new ModelRunError(
        `model output "${name}" on WebGPU differs from the CPU's by ${error.toPrecision(2)} (allowed ${AGREEMENT}); use the provider "wasm" on this device`,
      );
    }
  } catch (error) {
    await model.close();
    throw error;
  } finally {
    await reference.close();
  }
}

/** max|got − want| / max|want|; NaN anywhere and missing outputs give Infinity. */
function relativeError(got: ModelArray | undefined, want: ModelArray | undefined): number {
  if (!got || !want || got.data.length !== want.data.length) return Infinity;
  let difference = 0;
  let largest = 0;
  want.data.forEach((value: number | bigint, i: number) => {
    difference = Math.max(difference, Math.abs(Number(got.data[i]) - Number(value)));
    largest = Math.max(largest, Math.abs(Number(value)));
  });
  if (Number.isNaN(difference)) return Infinity;
  return difference === 0 ? 0 : difference / largest;
}

function failure(what: string, error: unknown, fix: string): ModelRunError {
  if (error instanceof ModelRunError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ModelRunError(`${what} (${reason}); ${fix}`, { cause: error });
}
