import { allOps, checkCase, type GoldenFile, type GoldenResult } from '../engine/goldenCheck';
import type { Runtime } from '../engine/runtime';

/** Golden files, loaded only when the self-test is run. */
const FILES = import.meta.glob<GoldenFile>('../../tests/golden/*.json', { import: 'default' });

/** Every golden case of every op on the device at hand. */
export async function selfTest(
  runtime: Runtime,
  onResult?: (result: GoldenResult, done: number, total: number) => void,
): Promise<GoldenResult[]> {
  const ops = allOps();
  const files = await Promise.all(Object.values(FILES).map((load) => load()));
  const total = files.reduce((n, f) => n + f.cases.length, 0);
  const results: GoldenResult[] = [];
  for (const file of files) {
    const op = ops.get(file.op);
    for (const golden of file.cases) {
      const result = op
        ? await checkCase(runtime, op, golden)
        : {
            op: file.op,
            name: golden.name,
            passed: false,
            error: Infinity,
            tolerance: 0,
            message: 'there is no such op',
          };
      results.push(result);
      onResult?.(result, results.length, total);
    }
  }
  return results;
}
