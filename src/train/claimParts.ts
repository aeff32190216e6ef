/** Claims of several parts: each part has a verdict of its own, from numbers alone. */
import type { Text } from './control';
import type { Verdict } from './protocol';
import { average, differenceVerdict, pairedDifference } from './verdict';

export interface Part {
  /** What is claimed, in a few words that follow "Not so:". */
  readonly name: Text;
  readonly verdict: Verdict;
}

/** All must hold; one that fails decides, else one that is undecided. */
export function wholeVerdict(parts: readonly Part[]): Verdict {
  if (parts.length === 0) return 'undecided';
  return (['fails', 'undecided'] as const).find((v) => parts.some((p) => p.verdict === v)) ?? 'holds';
}

/** A sentence that names the parts that do not hold, after a space; nothing where all hold. */
export function exceptions(parts: readonly Part[]): Text {
  const named = (verdict: Verdict) => parts.filter((p) => p.verdict === verdict);
  const list = (of: readonly Part[], language: keyof Text, comma: string) =>
    of.map((p) => p.name[language]).join(comma);
  const [failed, open] = [named('fails'), named('undecided')];
  return {
    en:
      (failed.length > 0 ? ` Not so: ${list(failed, 'en', '; ')}.` : '') +
      (open.length > 0 ? ` Undecided: ${list(open, 'en', '; ')}.` : ''),
    zh:
      (failed.length > 0 ? `不成立：${list(failed, 'zh', '；')}。` : '') +
      (open.length > 0 ? `未定：${list(open, 'zh', '；')}。` : ''),
  };
}

/**
 * Whether a is at least `factor` times b, both positive and measured seed by seed: the difference of logarithms over the seeds, with half
 * its 95% interval (one per cent at least) as noise.
 */
export function atLeastTimes(a: readonly number[], b: readonly number[], factor = 1): Verdict {
  return differenceVerdict(pairedDifference(a.map(Math.log), b.map(Math.log)), Math.log(factor));
}

/** Whether a is at most `factor` times b. */
export function atMostTimes(a: readonly number[], b: readonly number[], factor = 1): Verdict {
  return atLeastTimes(b, a, 1 / factor);
}

/** Whether a number lies in a range. */
export function within(value: number, low: number, high: number): Verdict {
  if (!Number.isFinite(value)) return 'undecided';
  return value >= low && value <= high ? 'holds' : 'fails';
}

/** Mean of positive numbers in the sense of factors. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(average(values.map(Math.log)));
}
