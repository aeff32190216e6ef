import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../tests/helpers/gpu';
import { chooseMatmul, productKey } from './ops/matmulKernel';
import { linear } from './ops/linear';
import { philoxNormals } from './philox';
import { compile } from './plan';
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
    const found = await tune(runtime, plan.dispatches, (_product, done) => heard.push(done));
    expect(heard).toEqual([1]);
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
});
