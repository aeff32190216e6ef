import { describe, expect, it } from 'vitest';
import { allOps, checkCase, type GoldenFile } from '../src/engine/goldenCheck';
import { HOST_CASES } from '../src/engine/reference/cases';
import { testRuntime } from './helpers/gpu';

const files = import.meta.glob<GoldenFile>('./golden/*.json', { eager: true, import: 'default' });
const named = Object.entries(files).map(([path, file]) => [path.split('/').at(-1) ?? path, file] as const);
const ops = allOps();

describe.each([...named, ...HOST_CASES.map((file) => [file.source, file] as const)])('%s', (source, file) => {
  describe(file.op, () => {
    for (const golden of file.cases) {
      it(golden.name, async () => {
        const op = ops.get(file.op);
        if (!op) throw new Error(`${source}: there is no op "${file.op}" in src/engine/ops`);
        const result = await checkCase(await testRuntime(), op, golden);
        expect(result.message ?? 'within tolerance').toBe('within tolerance');
        expect(result.error).toBeLessThanOrEqual(result.tolerance);
      });
    }
  });
});
