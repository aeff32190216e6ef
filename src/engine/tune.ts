/** "Tune for this device": the products of a plan, timed with every variant that can compute them. */
import { relativeError } from './goldenCheck';
import type { Dispatch } from './lower';
import { linearGradOp } from './ops/linear';
import { matmul } from './ops/matmul';
import { chooseMatmul, productKey, vectorises, type MatmulChoice, type Product } from './ops/matmulKernel';
import { philoxNormals } from './philox';
import { compile, type Plan } from './plan';
import { Runtime } from './runtime';
import { constant } from './state';

/** One product and what was found for it. */
export interface TunedProduct {
  readonly key: string;
  /** `variant/splits`: the fastest that agrees with the plain variant, and what the built-in table takes. */
  readonly chosen: string;
  readonly usual: string;
  readonly milliseconds: number;
  readonly usualMilliseconds: number;
}

export interface Timing {
  readonly choice: string;
  /** Whether its result agreed with the plain variant's. */
  readonly agrees: boolean;
  readonly milliseconds: number;
}

/** Gain below which a measurement is noise and the built-in choice stays. */
const WORTH = 0.95;
const TOLERANCE = 1e-4;
const ROUNDS = 5;

const nameOf = ({ variant, splits }: MatmulChoice) => `${variant}/${splits}`;

/** The products that a plan's dispatches compute, each once. */
export function productsOf(dispatches: readonly Dispatch[]): Product[] {
  const found = new Map<string, Product>();
  for (const { shader, entry, uniform, constants, workgroups } of dispatches) {
    if (shader !== 'matmul' || entry.startsWith('sumSplits') || !uniform) continue;
    const { M = 1, N = 1, K = 1, batchA = 0, batchB = 0, splits = 1 } = uniform;
    const product: Product = {
      ...(entry.endsWith('Sums') && { columnSums: true }),
      ...{ M, N, K, batches: workgroups[2] / splits },
      transposeA: constants['TRANSPOSE_A'] === 1,
      transposeB: constants['TRANSPOSE_B'] === 1,
      sharedA: batchA === 0,
      sharedB: batchB === 0,
    };
    found.set(productKey(product), product);
  }
  return [...found.values()];
}

/** Everything that can compute a product: tiles, and cuts of K where it is long. */
export function candidates(product: Product): MatmulChoice[] {
  if (!vectorises(product)) return [{ variant: 'scalarTile', splits: 1 }];
  const cuts = [1, 2, 4, 8, 16].filter((splits) => splits === 1 || product.K >= splits * 128);
  return cuts.flatMap((splits) =>
    (['registerTile', 'smallTile', 'workgroupTile'] as const).map((variant) => ({ variant, splits })),
  );
}

/** The fastest choice that agrees; the usual one unless another is faster by more than noise. */
export function fastest(timings: readonly Timing[], usual: string): Timing | undefined {
  const fit = timings.filter((t) => t.agrees);
  const known = fit.find((t) => t.choice === usual);
  const [best] = [...fit].sort((a, b) => a.milliseconds - b.milliseconds);
  return best && known && best.milliseconds > known.milliseconds * WORTH ? known : best;
}

/** A plan of this product alone, on operands of its own. */
async function planOf(runtime: Runtime, product: Product, choice: MatmulChoice): Promise<{ plan: Plan; own: Runtime }> {
  const { M, N, K, batches, transposeA, transposeB, sharedA, sharedB } = product;
  const variants = { [productKey(product)]: nameOf(choice) };
  const own = new Runtime({ ...runtime.gpu, traits: { ...runtime.gpu.traits, variants } });
  const operand = (name: string, rows: number, columns: number, shared: boolean) => {
    const shape = batches === 1 || shared ? [rows, columns] : [batches, rows, columns];
    return constant(philoxNormals(rows * columns * (shape.length === 2 ? 1 : batches), 1, name), shape);
  };
  const a = operand('a', ...((transposeA ? [K, M] : [M, K]) as [number, number]), sharedA ?? false);
  const b = operand('b', ...((transposeB ? [N, K] : [K, N]) as [number, number]), sharedB ?? false);
  const [c, sums] = product.columnSums ? linearGradOp.apply([a, b], {}) : [matmul(a, b, { transposeA, transposeB })];
  if (!c) throw new Error(`tuning: ${productKey(product)} has no output`);
  return { plan: await compile(own, { outputs: { c, ...(sums && { sums }) } }), own };
}

/** How far a plan's results are from those wanted, as parts of their scale. */
async function errorOf(plan: Plan, want: Readonly<Record<string, ArrayLike<number>>>): Promise<number> {
  plan.run();
  const errors = Object.entries(want).map(async ([name, values]) => relativeError(await plan.read(name), values));
  return Math.max(...(await Promise.all(errors)));
}

/** Times every candidate in turns and checks each against the plain variant. Throws the signal's reason soon after it is stopped. */
async function measure(runtime: Runtime, product: Product, signal: AbortSignal | undefined): Promise<Timing[]> {
  const done = () => runtime.gpu.device.queue.onSubmittedWorkDone();
  const made: { choice: string; plan: Plan; own: Runtime; agrees: boolean; times: number[] }[] = [];
  const plain = await planOf(runtime, product, { variant: 'scalarTile', splits: 1 });
  try {
    plain.plan.run();
    const want = {
      c: await plain.plan.read('c'),
      ...(product.columnSums && { sums: await plain.plan.read('sums') }),
    };
    for (const choice of candidates(product)) {
      signal?.throwIfAborted();
      const candidate = {
        choice: nameOf(choice),
        ...(await planOf(runtime, product, choice)),
        agrees: false,
        times: [],
      };
      made.push(candidate);
      candidate.agrees = (await errorOf(candidate.plan, want)) <= TOLERANCE;
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { plan, times } of made) {
        signal?.throwIfAborted();
        const began = performance.now();
        plan.runMany(2);
        await done();
        times.push((performance.now() - began) / 2);
      }
    }
  } finally {
    for (const { plan, own } of [plain, ...made]) {
      plan.dispose();
      own.dispose();
    }
  }
  return made.map(({ choice, agrees, times }) => ({
    choice,
    agrees,
    milliseconds: [...times].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN,
  }));
}

/**
 * Tunes the products of a plan one after the other; `onProgress` hears how many there are, then of each. Throws the signal's reason soon
 * after it is stopped.
 */
export async function tune(
  runtime: Runtime,
  dispatches: readonly Dispatch[],
  onProgress: (found: TunedProduct | undefined, done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<TunedProduct[]> {
  const { variants: _earlier, ...traits } = runtime.gpu.traits;
  const products = productsOf(dispatches).filter((p) => candidates(p).length > 1);
  const found: TunedProduct[] = [];
  onProgress(undefined, 0, products.length);
  for (const [index, product] of products.entries()) {
    const usual = nameOf(chooseMatmul(traits, product));
    const timings = await measure(runtime, product, signal);
    const best = fastest(timings, usual);
    if (!best) continue;
    const usualMilliseconds = timings.find((t) => t.choice === usual)?.milliseconds ?? best.milliseconds;
    const { choice: chosen, milliseconds } = best;
    const tuned = { key: productKey(product), chosen, usual, milliseconds, usualMilliseconds };
    found.push(tuned);
    onProgress(tuned, index + 1, products.length);
  }
  return found;
}

/** What the device's traits carry: choices that differ from the built-in table. */
export function variantsOf(found: readonly TunedProduct[]): Record<string, string> {
  return Object.fromEntries(found.filter((t) => t.chosen !== t.usual).map((t) => [t.key, t.chosen]));
}
