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

/** What a value must be, as a schema whose messages can be shown. */
export function schemaOf(control: Control): v.GenericSchema<ControlValue> {
  switch (control.kind) {
    case 'number':
      return v.pipe(
        v.number(`is not a number`),
        v.finite('is not a finite number'),
        v.minValue(control.min, `is below ${control.min}`),
        v.maxValue(control.max, `is above ${control.max}`),
        v.check((n) => snap(control, n) === n, `is not on its grid of ${control.step}`),
      );
    case 'choice':
      return v.picklist(
        control.options.map((o) => o.value),
        `is not one of ${control.options.map((o) => o.value).join(', ')}`,
      );
    case 'boolean':
      return v.boolean('is not on or off');
    case 'mask':
      return v.pipe(v.string(), v.regex(/^[0-9a-f]{0,1024}$/, 'is not a drawn mask of hexadecimal digits'));
    case 'strokes':
      return v.pipe(
        v.string(),
        v.maxLength(LONGEST_DRAWING, `is longer than ${LONGEST_DRAWING} characters`),
        v.regex(STROKES_TEXT, 'is not a drawing'),
      );
  }
}

export interface ReadValue {
  readonly value: ControlValue;
  /** What was wrong with the text, when `value` is not what it said. */
  readonly problem?: string;
}

/** A value from text (link, flag). What is out of range is moved to the nearest that is allowed; what makes no sense gives the default. */
export function readValue(control: Control, text: string): ReadValue {
  const raw = parse(control, text);
  if (raw === undefined) return { value: control.default, problem: typeProblem(control) };
  if (control.kind === 'number' && typeof raw === 'number') {
    const value = snap(control, raw);
    if (value === raw) return { value };
    const outside = raw < control.min || raw > control.max;
    return {
      value,
      problem: outside ? `is outside ${control.min}…${control.max}` : `is not on the grid of ${control.step}`,
    };
  }
  const checked = v.safeParse(schemaOf(control), raw);
  return checked.success ? { value: checked.output } : { value: control.default, problem: checked.issues[0].message };
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

function typeProblem(control: Control): string {
  if (control.kind === 'number') return 'is not a number';
  if (control.kind === 'boolean') return 'is not on or off (1 or 0)';
  return control.kind === 'choice'
    ? `is not one of ${control.options.map((o) => o.value).join(', ')}`
    : 'is not a mask';
}

/** A value as the link and the flags write it. */
export function writeValue(value: ControlValue): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

export function defaultsOf(controls: readonly Control[]): Config {
  return Object.fromEntries(controls.map((c) => [c.id, c.default]));
}
