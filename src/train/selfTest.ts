import { EXACT_TOLERANCE, F16_TOLERANCE, f16Check } from '../engine/f16Check';
import { allOps, checkCase, type GoldenFile, type GoldenResult } from '../engine/goldenCheck';
import type { Runtime } from '../engine/runtime';

/** Golden files, loaded only when the self-test is run. */
const FILES = import.meta.glob<GoldenFile>('../../tests/golden/*.json', { import: 'default' });

/** Two results: the products with f16 operands against those of f32, on a device that has the feature; none elsewhere. */
async function f16Results(runtime: Runtime): Promise<GoldenResult[]> {
  const { problem, detail, exactError = Infinity, error = Infinity } = await f16Check(runtime);
  if (problem === 'missing') return [];
  const result = (name: string, found: number, tolerance: number): GoldenResult => ({
    ...{ op: 'matmulF16', name, error: found, tolerance, passed: found <= tolerance },
    ...(found > tolerance && { message: detail ?? `error ${found.toExponential(1)}` }),
  });
  return [
    result('operands that f16 holds exactly', exactError, EXACT_TOLERANCE),
    result('operands of any value', error, F16_TOLERANCE),
  ];
}

/** Cases of every op: the golden files' and those whose oracle is a loop on the host. */
export async function selfTestFiles(): Promise<readonly GoldenFile[]> {
  const { HOST_CASES } = await import('../engine/reference/cases');
  return [...(await Promise.all(Object.values(FILES).map((load) => load()))), ...HOST_CASES];
}

/** Every case of every op on the device at hand, and its f16 products where it has them. */
export async function selfTest(
  runtime: Runtime,
  onResult?: (result: GoldenResult, done: number, total: number) => void,
): Promise<GoldenResult[]> {
  const ops = allOps();
  const files = await selfTestFiles();
  const halves = runtime.gpu.traits.features.has('shader-f16') ? 2 : 0;
  const total = files.reduce((n, f) => n + f.cases.length, halves);
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
  for (const result of await f16Results(runtime)) {
    results.push(result);
    onResult?.(result, results.length, total);
  }
  return results;
}
