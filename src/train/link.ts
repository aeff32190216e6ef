/**
 * A link is an experiment: `#/masked-images?v=1&mask=0.9&seed=7&at=200:mask:0.5`. It holds what differs from the lab's defaults and the
 * changes made during the run; it carries data, never code. Reading it never throws.
 */
import { readValue, writeValue, type Config, type Control, type ControlValue, type Text } from './control';
import { labDefaults, methodConfig, PANELS, settle, type LabMeta } from './lab';

/** Rises when the meaning of a link changes. */
export const LINK_VERSION = 1;

/** A change of a control during the run. */
export interface LinkChange {
  readonly step: number;
  readonly id: string;
  readonly value: ControlValue;
}

/** Something in a link that was not taken as it stood. */
export interface Notice {
  readonly setting: string;
  readonly value: string;
  /** A value, or words in the page's languages. */
  readonly used: string | Text;
  readonly message: Text;
}

export interface ReadLink {
  /** Undefined for the gallery. */
  readonly lab: LabMeta | undefined;
  readonly config: Config;
  readonly changes: readonly LinkChange[];
  readonly embed: boolean;
  /** Begins to train as soon as it is open. */
  readonly play: boolean;
  /** Controls that an embedding page shows but does not let be moved. */
  readonly locked: readonly string[];
  /** What to show first: one of the lab's views or panels. */
  readonly view: string | undefined;
  readonly notices: readonly Notice[];
}

/** Changes of a run that a link carries. */
export const MOST_CHANGES = 2_000;
/** Longer hashes are cut before they are looked at: MOST_CHANGES drawn masks of 32 × 32 patches fit, in 256 digits each. */
const LONGEST = 1_000_000;
const MOST_NOTICES = 20;

const NOTHING: Text = { en: 'nothing', zh: '不使用' };
const THE_DEFAULTS: Text = { en: 'the defaults', zh: '默认设置' };

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

class Notices {
  private readonly said: Notice[] = [];
  private left = 0;

  add(setting: string, value: string, used: string | Text, en: string, zh: string): void {
    if (this.said.length >= MOST_NOTICES) {
      this.left++;
      return;
    }
    const short = typeof used === 'string' ? shorten(used) : used;
    this.said.push({ setting: shorten(setting), value: shorten(value), used: short, message: { en, zh } });
  }

  /** The first of them, and how many more there are. */
  get list(): readonly Notice[] {
    if (this.left === 0) return this.said;
    const message = {
      en: 'More of the link was not taken as it stands; the rest is not listed.',
      zh: '链接中还有其他内容未能照原样使用，此处不再列出。',
    };
    const used = { en: 'defaults or the nearest allowed values', zh: '默认值或最接近的有效值' };
    return [...this.said, { setting: 'link', value: `+${this.left}`, used, message }];
  }
}

/** Reads the hash of an address. Whatever is wrong becomes a notice that names the setting, the value and what was used instead. */
export function readLink(hash: string, labs: readonly LabMeta[]): ReadLink {
  const notices = new Notices();
  const text = bounded(hash.startsWith('#') ? hash.slice(1) : hash, notices);
  const cut = text.indexOf('?');
  const path = (cut < 0 ? text : text.slice(0, cut)).replace(/^\/+|\/+$/g, '');
  const nothing = { config: {}, changes: [], embed: false, play: false, locked: [], view: undefined };
  if (path === '') return { lab: undefined, ...nothing, notices: notices.list };
  const lab = labs.find((l) => l.id === path);
  if (!lab) {
    const gallery = { en: 'the gallery', zh: '首页' };
    notices.add('lab', decode(path) ?? path, gallery, 'There is no lab of this name.', '没有这个实验室。');
    return { lab: undefined, ...nothing, notices: notices.list };
  }
  return readSettings(lab, cut < 0 ? '' : text.slice(cut + 1), notices);
}

/** A hash of at most LONGEST characters. It is cut between two settings: half a value must not be read as a whole one. */
function bounded(text: string, notices: Notices): string {
  if (text.length <= LONGEST) return text;
  const whole = text.slice(0, LONGEST + 1);
  const end = Math.max(whole.lastIndexOf('&'), whole.indexOf('?'));
  const kept = whole.slice(0, Math.max(0, end));
  notices.add(
    'link',
    text.slice(0, 40),
    { en: `the first ${kept.length} characters`, zh: `前 ${kept.length} 个字符` },
    'The link is too long; the rest was left out.',
    '链接过长，多余部分已忽略。',
  );
  return kept;
}

function readSettings(lab: LabMeta, query: string, notices: Notices): ReadLink {
  const pairs = pairsOf(query, notices);
  const preset = named('preset', lab.presets, pairs, notices);
  // Where a lab has a control of this name, that reads it.
  const controlled = lab.controls.some((c) => c.id === 'method');
  const method = controlled ? undefined : named('method', lab.methods, pairs, notices);
  const config: Record<string, ControlValue> = {
    ...labDefaults(lab),
    ...preset?.config,
    ...(method && methodConfig(lab, method)),
  };
  const seen = new Set<string>();
  const changes: LinkChange[] = [];
  let embed = false;
  let play = false;
  let locked: string[] = [];
  let view: string | undefined;
  for (const [key, value] of pairs) {
    if (key === 'at') {
      const change = readChange(lab, value, notices);
      if (change) changes.push(change);
    } else if (seen.has(key)) {
      const first = pairs.find(([other]) => other === key)?.[1] ?? '';
      notices.add(
        key,
        value,
        config[key] === undefined ? first : writeValue(config[key]),
        'It is there twice; the first was used.',
        '该设置重复出现，使用第一个。',
      );
    } else if (key === 'preset' || (key === 'method' && !controlled)) {
      // Already read: what is set beside it goes over it.
    } else if (key === 'v') readVersion(value, notices);
    else if (key === 'embed') embed = readSwitch(key, value, notices);
    else if (key === 'play') play = readSwitch(key, value, notices);
    else if (key === 'view') view = readView(lab, value, notices);
    else if (key === 'lock') locked = readLocked(lab, value, notices);
    else readControl(lab, key, value, config, notices);
    seen.add(key);
  }
  const settled = settle(lab, config);
  for (const { ids, message } of settled.problems) {
    const show = (from: Config) => ids.map((id) => `${id}=${String(from[id])}`).join(', ');
    notices.add(ids.join(', '), show(config), show(settled.config), message.en, message.zh);
  }
  changes.sort((a, b) => a.step - b.step);
  const kept = changes.slice(0, MOST_CHANGES);
  if (kept.length < changes.length)
    notices.add(
      'at',
      `${changes.length}`,
      { en: `the first ${MOST_CHANGES} changes`, zh: `前 ${MOST_CHANGES} 次更改` },
      'The link holds more changes than a run can replay; from there on the curve is another.',
      '链接中的更改过多，无法全部重放；此后的曲线会不同。',
    );
  return { lab, config: settled.config, changes: kept, embed, play, locked, view, notices: notices.list };
}

/** The preset or method that a link names first; undefined where it names none that there is. */
function named<Item extends { readonly id: string }>(
  key: 'preset' | 'method',
  items: readonly Item[],
  pairs: readonly (readonly [string, string])[],
  notices: Notices,
): Item | undefined {
  const id = pairs.find(([other]) => other === key)?.[1];
  const item = items.find((i) => i.id === id);
  if (id !== undefined && !item) {
    const zh = key === 'preset' ? '没有这个预设。' : '没有这个方法。';
    notices.add(key, id, THE_DEFAULTS, `There is no ${key} of this name.`, zh);
  }
  return item;
}

function pairsOf(query: string, notices: Notices): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    const key = decode(cut < 0 ? part : part.slice(0, cut));
    const value = decode(cut < 0 ? '' : part.slice(cut + 1));
    if (key === undefined || value === undefined) {
      notices.add(part.slice(0, 40), part, { en: 'the default', zh: '默认值' }, 'It cannot be decoded.', '无法解码。');
    } else pairs.push([key, value]);
  }
  return pairs;
}

function readVersion(value: string, notices: Notices): void {
  const version = Number(value);
  if (!Number.isInteger(version) || version < 1) {
    notices.add('v', value, String(LINK_VERSION), 'The version is not a whole number.', '版本号不是整数。');
  } else if (version > LINK_VERSION) {
    notices.add(
      'v',
      value,
      String(LINK_VERSION),
      'The link is from a newer version of Glimpse; what this one knows of it was used.',
      '链接来自更新的版本；已使用本版本认识的设置。',
    );
  }
}

function readSwitch(key: string, value: string, notices: Notices): boolean {
  if (value !== '1' && value !== '0') notices.add(key, value, '0', 'It is neither 1 nor 0.', '只能是 1 或 0。');
  return value === '1';
}

function readView(lab: LabMeta, value: string, notices: Notices): string | undefined {
  const known: readonly string[] = [...(lab.views ?? []), ...PANELS];
  if (known.includes(value)) return value;
  notices.add(
    'view',
    value,
    { en: 'the first view', zh: '第一个视图' },
    'This lab has no such view.',
    '本实验室没有该视图。',
  );
  return undefined;
}

function readLocked(lab: LabMeta, value: string, notices: Notices): string[] {
  const [known, unknown]: [string[], string[]] = [[], []];
  for (const id of value.split(',').filter((part) => part !== ''))
    (lab.controls.some((c) => c.id === id) ? known : unknown).push(id);
  if (unknown.length > 0)
    notices.add(
      'lock',
      unknown.join(','),
      known.join(',') || NOTHING,
      'There is no such setting to hold.',
      '没有可锁定的该设置。',
    );
  return known;
}

function readControl(
  lab: LabMeta,
  key: string,
  text: string,
  config: Record<string, ControlValue>,
  notices: Notices,
): void {
  const control = lab.controls.find((c) => c.id === key);
  if (!control) {
    notices.add(key, text, NOTHING, 'This lab has no such setting.', '本实验室没有该设置。');
    return;
  }
  const { value, problem } = readValue(control, text);
  config[key] = value;
  if (problem !== undefined)
    notices.add(key, text, writeValue(value) || NOTHING, `It ${problem.en}.`, `取值无效：${problem.zh}。`);
}

function readChange(lab: LabMeta, text: string, notices: Notices): LinkChange | undefined {
  const [, stepText = '', id = '', value = ''] = /^(\d{1,9}):([^:]{1,40}):(.*)$/s.exec(text) ?? [];
  const control = lab.controls.find((c) => c.id === id);
  if (control?.effect === 'restart') {
    notices.add(
      'at',
      text,
      NOTHING,
      'This setting starts a run anew; it cannot change during one.',
      '该设置会重新开始训练，不能在运行中更改。',
    );
    return undefined;
  }
  if (!control || control.effect === 'look') {
    notices.add(
      'at',
      text,
      NOTHING,
      'It is no change of a setting during a run (step:setting:value).',
      '不是有效的运行中更改（步:设置:值）。',
    );
    return undefined;
  }
  const read = readValue(control, value);
  if (read.problem !== undefined)
    notices.add(
      `at ${stepText}:${id}`,
      value,
      writeValue(read.value),
      `It ${read.problem.en}.`,
      `取值无效：${read.problem.zh}。`,
    );
  return { step: Number(stepText), id, value: read.value };
}

export interface LinkParts {
  readonly config: Config;
  readonly changes?: readonly LinkChange[];
  readonly embed?: boolean;
  readonly locked?: readonly string[];
}

/** The hash of an experiment: what differs from the defaults, in the order of the lab's controls. */
export function writeLink(lab: LabMeta, { config, changes = [], embed = false, locked = [] }: LinkParts): string {
  const pairs = [`v=${LINK_VERSION}`];
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':');
  const differs = (control: Control) => config[control.id] !== undefined && config[control.id] !== control.default;
  for (const control of lab.controls) {
    const value = config[control.id];
    if (value !== undefined && differs(control)) pairs.push(`${control.id}=${encode(writeValue(value))}`);
  }
  for (const { step, id, value } of changes) pairs.push(`at=${encode(`${step}:${id}:${writeValue(value)}`)}`);
  if (embed) pairs.push('embed=1');
  if (locked.length > 0) pairs.push(`lock=${locked.map(encode).join(',')}`);
  return `#/${lab.id}?${pairs.join('&')}`;
}
