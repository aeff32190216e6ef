import { Runtime } from '../engine/runtime';
import { openGpu } from '../gpu/device';
import { runClaim, type Claim } from '../train/claim';
import type { LabMeta } from '../train/lab';
import { writeLink } from '../train/link';
import type { ClaimResult, MeasureProgress } from '../train/protocol';
import { NO_DRIVER, nodeGpu } from './driver';
import { labs, loadClaims } from './labs';
import { diskSource } from './labSession';
import { ProgressBar } from './progressBar';
import { readArguments, UsageError } from './usage';

const FLAGS = ['json', 'only', 'steps'];

interface Wanted {
  readonly lab: LabMeta;
  readonly ids: readonly string[];
  readonly steps: number | undefined;
  readonly json: boolean;
}

function readWanted(args: readonly string[]): Wanted {
  const { positional, flags } = readArguments(args);
  const [id, extra] = positional;
  const names = labs.map((l) => l.id).join(', ');
  if (id === undefined || extra !== undefined) throw new UsageError(`claims takes one lab; there are ${names}`);
  const lab = labs.find((l) => l.id === id);
  if (!lab) throw new UsageError(`claims: there is no lab "${id}"; there are ${names}`);
  for (const name of flags.keys())
    if (!FLAGS.includes(name)) throw new UsageError(`--${name}: claims takes --only ID, --steps N and --json`);
  const known = lab.claims.map((c) => c.id);
  const only = flags.get('only');
  if (only !== undefined && !known.includes(only))
    throw new UsageError(`--only ${only}: lab "${id}" has no such claim; there are ${known.join(', ')}`);
  return {
    lab,
    ids: only === undefined ? known : [only],
    steps: readSteps(flags.get('steps')),
    json: flags.has('json'),
  };
}

function readSteps(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const steps = Number(text);
  if (!Number.isInteger(steps) || steps < 1)
    throw new UsageError(`--steps ${text}: it is not a whole number of 1 or more`);
  return steps;
}

/** Points by the series' names, for a JSON line. */
function plainSeries({ series }: MeasureProgress['chart']): Record<string, readonly (readonly [number, number])[]> {
  return Object.fromEntries(series.map((s) => [s.name.en, s.points]));
}

/** Tells of one claim as JSON lines, or as a bar on a terminal. A series is repeated only when it has changed. */
class Teller {
  private readonly bar = new ProgressBar();
  private said = '';

  constructor(
    private readonly lab: LabMeta,
    private readonly claim: Claim,
    private readonly json: boolean,
  ) {}

  progress({ done, total, what, chart }: MeasureProgress): void {
    if (!this.json) {
      this.bar.show(done, total, what.en);
      return;
    }
    const series = JSON.stringify(plainSeries(chart));
    const changed = series !== this.said && chart.series.some((s) => s.points.length > 0);
    const line = { claim: this.claim.id, done, total, what: what.en };
    console.log(JSON.stringify(changed ? { ...line, series: plainSeries(chart) } : line));
    this.said = series;
  }

  result({ id, verdict, summary, setup, chart, figures }: ClaimResult, seconds: number): void {
    const sentence = this.lab.claims.find((c) => c.id === id)?.sentence.en ?? id;
    if (this.json) {
      const links = this.claim.configs.map((config) => writeLink(this.lab, { config, changes: [] }));
      const series = plainSeries(chart);
      const texts = { sentence, summary: summary.en, setup: setup.en };
      console.log(JSON.stringify({ claim: id, verdict, figures, ...texts, series, seconds, links }));
      return;
    }
    this.bar.clear();
    console.log(`${VERDICTS[verdict]}: ${sentence}\n  ${summary.en}\n  ${setup.en} (${seconds.toFixed(0)} s)`);
  }

  /** Before an error is printed. */
  end(): void {
    this.bar.clear();
  }
}

const VERDICTS = { holds: 'holds', fails: 'fails here', undecided: 'undecided' } as const;

/** `claims <lab> [--only ID] [--steps N] [--json]`: 0 when all ran, whatever they found. */
export async function runClaims(args: readonly string[]): Promise<number> {
  const { lab, ids, steps, json } = readWanted(args);
  const claims = await loadClaims(lab.id);
  const gpu = await openGpu(await nodeGpu()).catch((error: unknown) => {
    throw new Error(`${NO_DRIVER} (${String(error)})`);
  });
  const runtime = new Runtime(gpu);
  const request = { runtime, source: diskSource, ...(steps === undefined ? {} : { steps }) };
  let failed = false;
  for (const claim of claims.filter((c) => ids.includes(c.id))) {
    const teller = new Teller(lab, claim, json);
    const start = performance.now();
    try {
      const forever = new AbortController().signal;
      const result = await runClaim(claims, claim.id, request, (progress) => teller.progress(progress), forever);
      teller.result(result, (performance.now() - start) / 1000);
    } catch (error) {
      failed = true;
      teller.end();
      console.error(`claim "${claim.id}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  runtime.dispose();
  return failed ? 1 : 0;
}
