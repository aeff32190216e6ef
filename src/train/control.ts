/**
 * One description of a control gives its slider, its place in the link, its validation, its flag for the headless runner and its
 * help. Nothing of it is said twice.
 */
import * as v from 'valibot';

export type ControlValue = number | string | boolean;
export type Config = Readonly<Record<string, ControlValue>>;

/** A text in the page's languages. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/**
 * What a change asks of a running experiment: nothing but another look (no part of training); act on the next step; rebuild the plan and
 * keep the weights; start afresh.
 */
export type Effect = 'look' | 'knob' | 'rebuild' | 'restart';

interface ControlBase {
  /** Name in the config, the link and the runner's flags. */
  readonly id: string;
  readonly label: Text;
  readonly help: Text;
  readonly effect: Effect;
  readonly group: string;
  /** Stands first and larger than the rest. */
  readonly hero?: boolean;
  /** Shown and used only where this holds. */
  readonly shownWhen?: (config: Config) => boolean;
  /** Feature of the device that every value but the default needs: elsewhere the control is not shown, and the default is used. */
  readonly needs?: 'shader-f16';
}

export interface NumberControl extends ControlBase {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  /** A symbol, or a word in the page's languages. */
  readonly unit?: string | Text;
  /** What 0 stands for where it is no number to compute with; shown beside it. */
  readonly atZero?: Text;
  readonly scale?: 'linear' | 'log';
}

export interface ChoiceControl extends ControlBase {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: string | number; readonly label: Text }[];
  readonly default: string | number;
}

export interface BooleanControl extends ControlBase {
  readonly kind: 'boolean';
  readonly default: boolean;
}

/** A grid of cells drawn by hand, row by row, as hexadecimal digits of four cells each. */
export interface MaskControl extends ControlBase {
  readonly kind: 'mask';
  readonly default: string;
}

/** A drawing as polylines: two characters of 64 a point (x, y), a dot between strokes. */
export interface StrokesControl extends ControlBase {
  readonly kind: 'strokes';
  readonly default: string;
}

/** What the text of a drawing looks like. */
export const STROKES_TEXT = /^(?:(?:[A-Za-z0-9_-]{2})+(?:\.(?:[A-Za-z0-9_-]{2})+)*)?$/;
const LONGEST_DRAWING = 8192;

export type Control = NumberControl | ChoiceControl | BooleanControl | MaskControl | StrokesControl;

type Made<C extends Control> = Omit<C, 'kind'>;

export function numberControl(made: Made<NumberControl>): NumberControl {
  return { kind: 'number', ...made };
}
export function choiceControl(made: Made<ChoiceControl>): ChoiceControl {
  return { kind: 'choice', ...made };
}
export function booleanControl(made: Made<BooleanControl>): BooleanControl {
  return { kind: 'boolean', ...made };
}
export function maskControl(made: Made<MaskControl>): MaskControl {
  return { kind: 'mask', ...made };
}

export function strokesControl(made: Made<StrokesControl>): StrokesControl {
  return { kind: 'strokes', ...made };
}

/** Digits after the point that a step needs. */
function decimals(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) + (step < 1e-3 ? 1 : 0);
}

/** A number on the control's own grid, so that the slider, the link and the runner agree to the last digit. */
export function snap(control: NumberControl, value: number): number {
  const bounded = Math.min(control.max, Math.max(control.min, value));
  if (control.scale === 'log') return bounded === 0 ? 0 : Number(bounded.toPrecision(3));
  const steps = Math.round((bounded - control.min) / control.step);
  return Math.min(control.max, Number((control.min + steps * control.step).toFixed(decimals(control.step))));
}

/** What a value must be. */
function schemaOf(control: Control): v.GenericSchema<ControlValue> {
  switch (control.kind) {
    case 'number':
      return v.pipe(
        v.number(),
        v.finite(),
        v.check((n) => snap(control, n) === n),
      );
    case 'choice':
      return v.picklist(control.options.map((o) => o.value));
    case 'boolean':
      return v.boolean();
    case 'mask':
      return v.pipe(v.string(), v.regex(/^[0-9a-f]{0,1024}$/));
    case 'strokes':
      return v.pipe(v.string(), v.maxLength(LONGEST_DRAWING), v.regex(STROKES_TEXT));
  }
}

export interface ReadValue {
  readonly value: ControlValue;
  /** What was wrong with the text, when `value` is not what it said; in English it follows "it". */
  readonly problem?: Text;
}

/** A value from text (link, flag). What is out of range is moved to the nearest that is allowed; what makes no sense gives the default. */
export function readValue(control: Control, text: string): ReadValue {
  const raw = parse(control, text);
  if (raw === undefined) return { value: control.default, problem: problemOf(control, text) };
  if (control.kind === 'number' && typeof raw === 'number') {
    const value = snap(control, raw);
    return value === raw ? { value } : { value, problem: rangeProblem(control, raw) };
  }
  return v.is(schemaOf(control), raw) ? { value: raw } : { value: control.default, problem: problemOf(control, text) };
}

function parse(control: Control, text: string): ControlValue | undefined {
  switch (control.kind) {
    case 'number': {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
      return Number.isFinite(value) ? value : undefined;
    }
    case 'choice':
      return control.options.find((o) => String(o.value) === text)?.value;
    case 'boolean':
      return text === '1' || text === 'on' || text === 'true'
        ? true
        : text === '0' || text === 'off' || text === 'false'
          ? false
          : undefined;
    case 'mask':
    case 'strokes':
      return text;
  }
}

function rangeProblem({ min, max, step }: NumberControl, value: number): Text {
  if (value < min || value > max) return { en: `is outside ${min}…${max}`, zh: `超出范围 ${min}…${max}` };
  return { en: `is not on the grid of ${step}`, zh: `不在步长 ${step} 的网格上` };
}

/** Why a text is no value of a control. */
function problemOf(control: Control, text: string): Text {
  switch (control.kind) {
    case 'number':
      return { en: 'is not a number', zh: '不是数字' };
    case 'choice': {
      const options = control.options.map((o) => o.value);
      return { en: `is not one of ${options.join(', ')}`, zh: `不是 ${options.join('、')} 之一` };
    }
    case 'boolean':
      return { en: 'is not on or off (1 or 0)', zh: '不是开或关（1 或 0）' };
    case 'mask':
      return { en: 'is not a drawn mask of hexadecimal digits', zh: '不是以十六进制数字写成的掩码' };
    case 'strokes':
      return text.length > LONGEST_DRAWING
        ? { en: `is longer than ${LONGEST_DRAWING} characters`, zh: `超过 ${LONGEST_DRAWING} 个字符` }
        : { en: 'is not a drawing', zh: '不是一幅手绘' };
  }
}

/** A value as the link and the flags write it. */
export function writeValue(value: ControlValue): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

export function defaultsOf(controls: readonly Control[]): Config {
  return Object.fromEntries(controls.map((c) => [c.id, c.default]));
}
