import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readValue, type Config } from '../train/control';
import { methodConfig, settle, type LabMeta } from '../train/lab';
import { readLink, type Notice, type ReadLink } from '../train/link';
import type { SessionEvent } from '../train/protocol';
import type { Session } from '../train/session';
import { labs } from './labs';
import { labSession } from './labSession';
import { Pace } from './pace';
import { ProgressBar } from './progressBar';
import { readArguments, UsageError } from './usage';

/** Flags that are no settings of the lab. */
const FILE_FLAGS: readonly string[] = ['json', 'onnx', 'from'];

/** A link with the flags laid over it: `--mask 0.9` means what `mask=0.9` means in the link. */
function overlay(link: ReadLink, lab: LabMeta, flags: ReadonlyMap<string, string>): Config {
  const config = { ...link.config, ...methodFlag(lab, flags.get('method')) };
  for (const [name, text] of flags) {
    if (FILE_FLAGS.includes(name)) continue;
    const control = lab.controls.find((c) => c.id === name);
    if (!control && name === 'method') continue;
    if (!control) throw new UsageError(`--${name} ${text}: lab "${lab.id}" has no such setting; see glimpse labs`);
    const { value, problem } = readValue(control, text);
    if (problem !== undefined && control.id !== 'steps') throw new UsageError(`--${name} ${text}: it ${problem.en}`);
    config[control.id] = control.id === 'steps' ? readSteps(text) : value;
  }
  return { ...settle(lab, config).config, steps: config['steps'] ?? 0 };
}

/** What `--method ID` sets in a lab without a control of that name. */
function methodFlag(lab: LabMeta, id: string | undefined): Config {
  if (id === undefined || lab.controls.some((c) => c.id === 'method')) return {};
  const method = lab.methods.find((m) => m.id === id);
  if (!method) {
    const methods = lab.methods.map((m) => m.id).join(', ');
    throw new UsageError(`--method ${id}: lab "${lab.id}" has ${methods}`);
  }
  return methodConfig(lab, method);
}

/** Short runs are for trying: fewer steps than the slider has. */
function readSteps(text: string): number {
  const steps = Number(text);
  if (!Number.isInteger(steps) || steps < 1)
    throw new UsageError(`--steps ${text}: it is not a whole number of 1 or more`);
  return steps;
}

const bar = new ProgressBar();

function sayNotice({ setting, value, message, used }: Notice): void {
  bar.clear();
  console.error(`${setting} = ${value}: ${message.en} Used instead: ${typeof used === 'string' ? used : used.en}`);
}

interface Totals {
  failed: boolean;
  metrics: Readonly<Record<string, number>>;
  loss: number;
  readonly pace: Pace;
}

function reporter(json: boolean, totals: Totals, onEvaluation: () => void): (event: SessionEvent) => void {
  const say = (line: Record<string, unknown>) => {
    if (json) console.log(JSON.stringify(line));
  };
  return (event) => {
    if (event.kind === 'report') {
      const { rows, columns, step, totalSteps } = event.report;
      const last = rows.slice(-columns.length);
      if (last.length === 0) return;
      totals.loss = last[0] ?? NaN;
      totals.pace.reached(step);
      say({ step, ...Object.fromEntries(columns.map((c, i) => [c, last[i]])) });
      if (!json) bar.show(step, totalSteps, `step ${step} / ${totalSteps}, loss ${totals.loss.toFixed(4)}`);
    } else if (event.kind === 'evaluation') {
      totals.metrics = event.evaluation.metrics;
      say({ step: event.evaluation.step, metrics: event.evaluation.metrics });
      onEvaluation();
    } else if (event.kind === 'progress' && event.what !== 'evaluation' && event.done === 0) {
      // The first step waits for the driver to compile: a silent minute looks like a hang.
      if (!json) bar.show(0, 1, `${event.what === 'data' ? 'loading data' : 'compiling'} …`);
      say({ progress: event.what });
    } else if (event.kind === 'device') {
      for (const notice of event.notices) sayNotice(notice);
    } else if (event.kind === 'error' || (event.kind === 'stopped' && event.reason !== 'finished')) {
      totals.failed ||= event.kind !== 'error' || event.stopped;
      bar.clear();
      console.error(event.message.en);
    }
  };
}

/** Writes files one after another, each whole or not at all. */
class ModelWriter {
  private done: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: () => Session,
    private readonly file: string | undefined,
  ) {}

  /** The model as it is once the session has time for it. */
  write(): void {
    const { file } = this;
    if (file === undefined) return;
    const model = this.session().exportModel();
    this.done = Promise.all([model, this.done]).then(async ([{ bytes }]) => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
    });
    // Whoever finishes hears of a failure; until then it must not end the process.
    this.done.catch(() => undefined);
  }

  finish(): Promise<void> {
    return this.done;
  }
}

/** Before anything is trained: a run must not end in a file that cannot be written. */
async function checkWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `--onnx ${file}: it cannot be written (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

async function readModelFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw new UsageError(
      `--from ${file}: it cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  });
}

/**
 * `train '<link>' [--<setting> value …] [--steps N] [--from FILE] [--onnx FILE] [--json]`. The ONNX file is written at every
 * evaluation and at the end, so that an interrupted run leaves its last one. A schedule of the learning rate ends where the run does:
 * with other `--steps` the curve is another from its start, not a part of the link's.
 */
export async function train(args: readonly string[]): Promise<number> {
  const { positional, flags } = readArguments(args);
  const [text, extra] = positional;
  if (text === undefined || extra !== undefined)
    throw new UsageError("train takes one link, such as '#/masked-images?mask=0.9'");
  const link = readLink(text.slice(Math.max(0, text.indexOf('#'))), labs);
  const lab = link.lab;
  if (!lab)
    throw new UsageError(
      `train: the link "${text.slice(0, 80)}" names no lab; there are ${labs.map((l) => l.id).join(', ')}`,
    );
  for (const notice of link.notices) sayNotice(notice);
  const config = overlay(link, lab, flags);
  const remark = lab.remark?.(config);
  if (remark) console.error(remark.en);
  if (config['data'] === 'own')
    throw new UsageError(
      'data = own: pictures of your own exist in the page only; choose a data set that ships with it',
    );
  await checkWritable(flags.get('onnx'));
  const from = flags.get('from');
  const start = from === undefined ? undefined : await readModelFile(from);
  const totals: Totals = { failed: false, metrics: {}, loss: NaN, pace: new Pace() };
  const writer: ModelWriter = new ModelWriter(() => session, flags.get('onnx'));
  const session: Session = await labSession(
    lab,
    reporter(flags.has('json'), totals, () => writer.write()),
  );
  await session.open({ config, changes: link.changes });
  if (start) await session.importModel(start);
  const began = performance.now();
  const plan = session.summary();
  await session.playToEnd();
  const seconds = (performance.now() - began) / 1000;
  writer.write();
  await writer.finish();
  const summary = {
    done: !totals.failed,
    steps: session.step,
    loss: totals.loss,
    metrics: totals.metrics,
    seconds,
    // Left out where the run was one submission.
    stepsPerSecond: totals.pace.stepsPerSecond,
    dispatchesPerStep: plan.dispatches,
    peakBytes: plan.activationBytes + plan.stateBytes,
  };
  bar.clear();
  if (flags.has('json')) console.log(JSON.stringify(summary));
  else console.log(`${session.step} steps in ${seconds.toFixed(1)} s, loss ${totals.loss.toFixed(4)}`, totals.metrics);
  await session.close();
  return totals.failed ? 1 : 0;
}
