import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../tests/helpers/gpu';
import { chooseMatmul, productKey } from './ops/matmulKernel';
import { linear, linearGradOp } from './ops/linear';
import { matmul } from './ops/matmul';
import { philoxNormals } from './philox';
import { compile } from './plan';
import { Runtime } from './runtime';
import { constant } from './state';
import { candidates, fastest, productsOf, tune, variantsOf } from './tune';

const timing = (choice: string, milliseconds: number, agrees = true) => ({ choice, milliseconds, agrees });

describe('tuning', () => {
  it('takes the fastest that agrees, and the usual one within noise', () => {
    const usual = timing('smallTile/1', 10);
    expect(fastest([usual, timing('registerTile/1', 5)], 'smallTile/1')?.choice).toBe('registerTile/1');
    expect(fastest([usual, timing('registerTile/1', 9.8)], 'smallTile/1')?.choice).toBe('smallTile/1');
    expect(fastest([usual, timing('registerTile/1', 5, false)], 'smallTile/1')?.choice).toBe('smallTile/1');
    expect(fastest([timing('registerTile/1', 5, false)], 'smallTile/1')).toBeUndefined();
  });

  it('finds a plan’s products, times them, and its table changes what the plan takes', async () => {
    const runtime = await testRuntime();
    const x = constant(philoxNormals(36 * 16, 1, 'x'), [36, 16]);
    const y = linear(x, constant(philoxNormals(16 * 12, 1, 'w'), [16, 12]), constant(philoxNormals(12, 1, 'b'), [12]));
    const plan = await compile(runtime, { outputs: { y } });
    const products = productsOf(plan.dispatches);
    const [product] = products;
    if (!product) throw new Error('the plan has no product');
    expect(products.map(productKey)).toEqual(['matmul|1x36x12x16|nn']);
    expect(candidates(product).length).toBe(3);
    const heard: number[] = [];
    const found = await tune(runtime, plan.dispatches, (_product, done, total) => heard.push(done, total));
    expect(heard).toEqual([0, 1, 1, 1]);
    expect(found[0]?.key).toBe(productKey(product));
    expect(candidates(product).map((c) => `${c.variant}/${c.splits}`)).toContain(found[0]?.chosen);
    plan.dispose();

    const variants = variantsOf([
      {
        key: productKey(product),
        chosen: 'workgroupTile/1',
        usual: 'smallTile/1',
        milliseconds: 1,
        usualMilliseconds: 2,
      },
    ]);
    expect(chooseMatmul({ ...runtime.gpu.traits, variants }, product)).toEqual({ variant: 'workgroupTile', splits: 1 });
  });

  it('times weight gradients with their sums, as the plan computes them, under a key of their own', async () => {
    const runtime = await testRuntime();
    const [x, dy] = [
      constant(philoxNormals(48 * 16, 1, 'x'), [48, 16]),
      constant(philoxNormals(48 * 12, 1, 'd'), [48, 12]),
    ];
    const [dw, db] = linearGradOp.apply([x, dy], {});
    if (!dw || !db) throw new Error('linearGrad has two outputs');
    const compiled = (variants?: Record<string, string>) =>
      compile(new Runtime({ ...runtime.gpu, traits: { ...runtime.gpu.traits, ...(variants && { variants }) } }), {
        outputs: { dw, db },
      });
    const plan = await compiled();
    const [product] = productsOf(plan.dispatches);
    if (!product) throw new Error('the plan has no product');
    expect(productKey(product)).toBe('matmul|1x16x12x48|tn+sums');
    const [found] = await tune(runtime, plan.dispatches);
    expect(found?.key).toBe(productKey(product));
    plan.dispose();
    const tuned = await compiled({ [productKey(product)]: 'workgroupTile/1' });
    expect(tuned.dispatches.map((d) => d.entry)).toEqual(['workgroupTileSums']);
    tuned.dispose();
  });

  it('stops where the signal says so', async () => {
    const runtime = await testRuntime();
    const y = matmul(constant(philoxNormals(64, 1, 'a'), [8, 8]), constant(philoxNormals(64, 1, 'b'), [8, 8]), {});
    const plan = await compile(runtime, { outputs: { y } });
    const stop = new AbortController();
    const heard: number[] = [];
    const tuning = tune(
      runtime,
      plan.dispatches,
      (_product, done) => {
        heard.push(done);
        stop.abort(new Error('enough'));
      },
      stop.signal,
    );
    await expect(tuning).rejects.toThrow('enough');
    expect(heard).toEqual([0]);
    plan.dispose();
  });
});
