import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData } from '../data/data';
import { findDistortedAccuracies } from './distortedAccuracies';
import { atLeastOver, BASE, BASE_WORDS, percent, percentLine, SEEDS } from './shared';

const SIDES = ['plain', 'tNet', 'turned', 'both'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = {
  plain: { en: 'neither', zh: '均无' },
  tNet: { en: 'T-Nets', zh: 'T-Net' },
  turned: { en: 'turned in training', zh: '训练时旋转' },
  both: { en: 'both', zh: '两者' },
};

/** Shapes are turned about the vertical by up to this, in degrees. */
const TURNS = [0, 90, 180, 360] as const;
const ANY = 360;
/** A rotation must cost so much, or there is nothing to repair. */
const COSTS = 0.1;
/** Share of the cost that must come back. */
const REPAIRED = 0.5;

type Accuracies = Found<Side>;

const configOf = (side: Side, seed: number): Config => {
  const [tNets, turned] = [side === 'tNet' || side === 'both', side === 'turned' || side === 'both'];
  return { ...BASE, tnetin: tNets, tnetfeat: tNets, turn: turned ? 360 : 0, seed };
};

export const rotation: Claim = {
  id: 'rotation',
  steps: { gpu: 2000, software: 250 },
  configs: SIDES.map((side) => ({ ...configOf(side, SEEDS[0]), lookturn: ANY })),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(BASE, source);
    const found: Accuracies = new Found();
    await findDistortedAccuracies(
      {
        sides: SIDES,
        names: NAMES,
        configOf,
        data,
        distortions: TURNS.map((degrees) => ({ key: degrees, distortion: { turn: degrees / 360 } })),
        found,
        chart: () => chartOf(found),
      },
      { runtime, steps },
      onProgress,
      signal,
    );
    return resultOf(found, data.set.test.count, steps);
  },
};

function chartOf(found: Accuracies): Chart {
  return {
    kind: 'lines',
    x: { en: 'turned by up to, degrees', zh: '旋转角上限，度' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: SIDES.map((side) => ({ name: NAMES[side], points: percentLine(found, side, TURNS) })),
  };
}

/** Of accuracies on shapes turned by up to some degrees, seed by seed. */
export function rotationParts(of: (side: Side, degrees: number) => readonly number[]): Part[] {
  const upright = of('plain', 0);
  // Half of the way from the turned shapes back to the upright ones.
  const halfway = of('plain', ANY).map((value, i) => value + REPAIRED * ((upright[i] ?? NaN) - value));
  return [
    {
      name: { en: 'a turn costs ten points', zh: '旋转使准确率下降十个百分点' },
      verdict: atLeastOver(of('plain', 0), of('plain', ANY), COSTS),
    },
    {
      name: { en: 'turning in training repairs half of it', zh: '训练时旋转补回一半' },
      verdict: atLeastOver(of('turned', ANY), halfway),
    },
    {
      name: { en: 'turning in training does more than T-Nets', zh: '训练时旋转胜过 T-Net' },
      verdict: atLeastOver(of('turned', ANY), of('tNet', ANY)),
    },
    {
      name: { en: 'T-Nets add to it', zh: 'T-Net 再添增益' },
      verdict: atLeastOver(of('both', ANY), of('turned', ANY)),
    },
  ];
}

function resultOf(found: Accuracies, shapes: number, steps: number): ClaimResult {
  const parts = rotationParts((side, degrees) => found.of(side, degrees));
  const not = exceptions(parts);
  const told = (language: keyof Text) =>
    SIDES.map((side) => `${NAMES[side][language]} ${percent(found.of(side, 0))}, ${percent(found.of(side, ANY))}`).join(
      '; ',
    );
  return {
    id: 'rotation',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Upright, and turned by any angle: ${told('en')}.${not.en}`,
      zh: `直立与任意转角时：${told('zh')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}; PointNet with both T-Nets or none, ${steps} steps, ${SEEDS.length} seeds; ${shapes} held-out shapes, turned about the vertical.`,
      zh: `${BASE_WORDS.zh}；PointNet 含两个 T-Net 或不含，${steps} 步，${SEEDS.length} 个种子；${shapes} 个留出形状，绕竖直轴旋转。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        SIDES.flatMap((side) => TURNS.map((t) => [`${side}Turned${t}`, average(found.of(side, t))] as const)),
      ),
      shapes,
      steps,
      seeds: SEEDS.length,
    },
  };
}
