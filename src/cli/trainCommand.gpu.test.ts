import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRuntime } from '../../tests/helpers/gpu';
import { main } from './main';

const LINK =
  '#/masked-images?batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&warmup=0&seed=7&at=5:lr:0.001';

type Line = Readonly<Record<string, unknown>>;

describe('the runner trains a link', () => {
  let out: string[] = [];
  let errors: string[] = [];
  beforeEach(() => {
    [out, errors] = [[], []];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
    vi.spyOn(console, 'error').mockImplementation((line: string) => void errors.push(line));
  });
  afterEach(() => vi.restoreAllMocks());

  async function train(link: string, ...flags: string[]): Promise<{ code: number; lines: Line[] }> {
    out = [];
    const code = await main(['train', link, '--steps', '12', '--json', ...flags]);
    return { code, lines: out.map((line) => JSON.parse(line) as Line) };
  }

  /** What two runs of a link must have in common: all but the time that they took. */
  const curve = (lines: readonly Line[]) => lines.filter((l) => 'step' in l);
  const total = (lines: readonly Line[]) => {
    const { seconds: _time, stepsPerSecond: _speed, ...rest } = lines.at(-1) ?? {};
    return rest;
  };

  /** Each run opens a device of its own and compiles all kernels: the plain one serves both tests. */
  let plain: Promise<{ code: number; lines: Line[]; errors: string[] }> | undefined;
  const runPlain = () => (plain ??= train(LINK).then((made) => ({ ...made, errors })));

  it('prints a line a report and totals last, the same bits in two runs', { timeout: 240_000 }, async () => {
    const first = await runPlain();
    expect(first).toMatchObject({ code: 0, errors: [] });
    expect(first.lines.at(-1)).toMatchObject({ done: true, steps: 12 });
    for (const key of ['loss', 'stepsPerSecond', 'dispatchesPerStep', 'peakBytes'])
      expect(first.lines.at(-1)?.[key], key).toBeGreaterThan(0);
    const second = await train(LINK);
    expect(total(second.lines)).toEqual(total(first.lines));
    expect(curve(first.lines).map((l) => l['step'])).toEqual([10, 12]);
    expect(curve(second.lines)).toEqual(curve(first.lines));
  });

  it('takes f16 where the device has it, and says what was used where not', { timeout: 240_000 }, async () => {
    const full = await runPlain();
    errors = [];
    const half = await train(LINK, '--precision', 'f16');
    expect(half.code).toBe(0);
    const [a, b] = [full, half].map(({ lines }) => Number(lines.at(-1)?.['loss']));
    if ((await testRuntime()).gpu.traits.features.has('shader-f16')) {
      expect(errors).toEqual([]);
      expect(b).not.toBe(a);
      expect(Math.abs((b ?? NaN) / (a ?? NaN) - 1)).toBeLessThan(0.01);
    } else {
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^precision = f16: This device .*shader-f16.* Used instead: f32$/);
      expect(total(half.lines)).toEqual(total(full.lines));
    }
  });
});
