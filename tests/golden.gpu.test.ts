import { describe, expect, it } from 'vitest';
import { allOps, checkCase, type GoldenFile } from '../src/engine/goldenCheck';
import { testRuntime } from './helpers/gpu';

const files = import.meta.glob<GoldenFile>('./golden/*.json', { eager: true, import: 'default' });

describe('golden files', () => {
  const ops = allOps();
  for (const [path, file] of Object.entries(files)) {
    describe(`${file.op} (${path.split('/').at(-1)})`, () => {
      for (const golden of file.cases) {
        it(golden.name, async () => {
          const op = ops.get(file.op);
          if (!op) throw new Error(`golden file ${path}: there is no op "${file.op}" in src/engine/ops`);
          const result = await checkCase(await testRuntime(), op, golden);
          expect(result.message ?? 'within tolerance').toBe('within tolerance');
          expect(result.error).toBeLessThanOrEqual(result.tolerance);
        });
      }
    });
  }
});
