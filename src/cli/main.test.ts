import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { meta } from '../labs/masked-images/meta';
import { main } from './main';
import { ProgressBar } from './progressBar';

/** What a command printed, and its exit code. */
async function run(args: readonly string[]): Promise<{ code: number; out: string[]; errors: string[] }> {
  const [out, errors]: [string[], string[]] = [[], []];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void errors.push(line));
  try {
    return { code: await main(args), out, errors };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

describe('the runner’s command line', () => {
  it.each([
    [[], /^usage: glimpse train/],
    [['dance'], /unknown command "dance"; usage/],
    [['train'], /train takes one link/],
    [['train', '#/masked-images', 'more'], /train takes one link/],
    [['train', '#/nowhere?mask=0.5'], /names no lab; there are .*masked-images/],
    [['train', '#/masked-images', '--steps', '0'], /--steps 0: it is not a whole number/],
    [['train', '#/masked-images', '--steps'], /--steps needs a value/],
    [['train', '#/masked-images', '--mask', '7'], /--mask 7: it is outside 0…0.95/],
    [['train', '#/masked-images', '--data', 'cats'], /--data cats: it is not one of fashion/],
    [['train', '#/masked-images', '--precision', 'f8'], /--precision f8: it is not one of f32, f16/],
    [['train', '#/masked-images', '--colour', 'red'], /--colour red: lab "masked-images" has no such setting/],
    [['train', '#/masked-images', '--from', 'nowhere.onnx'], /--from nowhere.onnx: it cannot be read/],
    [['labs', 'all'], /labs: "all" means nothing here/],
    [['labs', '--mask', '1'], /labs: "--mask" means nothing here/],
    [['selftest', 'matmul'], /selftest: "matmul" means nothing here/],
    [['card'], /card takes one file/],
    [['card', 'a.onnx', '--steps', '3'], /card takes one file/],
    [['train', '#/masked-images', '--method', 'moco'], /--method moco: lab "masked-images" has mae/],
  ] as const)('%j makes no sense: exit 2 and one line', async (args, line) => {
    const { code, out, errors } = await run(args);
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(line);
    expect(errors[0]).not.toContain('\n');
  });

  it('says in its help that --steps makes another curve', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out.join('\n')).toMatch(/^usage: [^]*not the first N steps of the link's/);
  });

  it('lists labs, methods and every control with range and default', async () => {
    const { code, out, errors } = await run(['labs', '--json']);
    expect({ code, errors, lines: out.length }).toEqual({ code: 0, errors: [], lines: 1 });
    const listed = JSON.parse(out[0] ?? '') as { id: string; methods: string[]; controls: Record<string, unknown>[] }[];
    const lab = listed.find((l) => l.id === meta.id);
    expect(lab?.methods).toEqual(meta.methods.map((m) => m.id));
    expect(lab?.controls.map((c) => [c['id'], c['default']])).toEqual(meta.controls.map((c) => [c.id, c.default]));
    const control = (id: string) => lab?.controls.find((c) => c['id'] === id);
    expect(control('mask')).toMatchObject({ kind: 'number', min: 0, max: 0.95, effect: 'rebuild' });
    expect(control('precision')).toMatchObject({ options: ['f32', 'f16'], needs: 'shader-f16' });
  });

  it('draws its progress bar on a terminal only', () => {
    const written: string[] = [];
    const stream = (isTTY: boolean) =>
      ({ isTTY, write: (text: string) => written.push(text) > 0 }) as unknown as NodeJS.WriteStream;
    const piped = new ProgressBar(stream(false));
    piped.show(1, 2, 'half');
    piped.clear();
    expect(written).toEqual([]);
    new ProgressBar(stream(true)).show(1, 2, 'half');
    expect(written.join('')).toMatch(/50% {2}half/);
  });
});

describe('the runner as a process', () => {
  const script = join(import.meta.dirname, '../../scripts/run.mjs');

  /** Exit code and what was said on stderr, less what Node itself warns of. */
  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; stderr: string }> {
    return new Promise((resolve) => {
      const options = { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, ...env } };
      execFile(process.execPath, [script, 'src/cli/main.ts', ...args], options, (error, _stdout, stderr) =>
        resolve({ code: error ? error.code : 0, stderr }),
      );
    });
  }

  it('exits with 0 when all went well, 2 on bad usage', async () => {
    expect((await start(['labs'])).code).toBe(0);
    expect((await start(['dance'])).code).toBe(2);
  });

  it('exits with 1 where there is no adapter, and says what to do', async () => {
    const { code, stderr } = await start(['selftest'], {
      VK_DRIVER_FILES: '/nowhere.json',
      VK_ICD_FILENAMES: '/nowhere.json',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/No WebGPU adapter: set VK_DRIVER_FILES/);
  });
});
