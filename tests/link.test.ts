import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meta } from '../src/labs/masked-images/meta';
import { snap, type Config, type Control, type ControlValue } from '../src/train/control';
import { labDefaults, settle } from '../src/train/lab';
import { meta as diffusion } from '../src/labs/diffusion/meta';
import { MOST_CHANGES, readLink, writeLink, type LinkChange } from '../src/train/link';

const labs = [meta, diffusion];

function anyValue(control: Control): fc.Arbitrary<ControlValue> {
  switch (control.kind) {
    case 'number':
      return fc.double({ min: control.min, max: control.max, noNaN: true }).map((x) => snap(control, x));
    case 'choice':
      return fc.constantFrom(...control.options.map((o) => o.value));
    case 'boolean':
      return fc.boolean();
    case 'mask':
      return fc.stringMatching(/^[0-9a-f]{0,16}$/);
    case 'strokes':
      return fc.stringMatching(/^(?:[A-Za-z0-9_-]{2}){1,4}(?:\.(?:[A-Za-z0-9_-]{2}){1,4}){0,2}$/);
  }
}

const anyConfig: fc.Arbitrary<Config> = fc
  .record(Object.fromEntries(meta.controls.map((c) => [c.id, anyValue(c)])))
  .map((config) => settle(meta, config).config);

describe('links', () => {
  it('carry every valid config there and back', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const read = readLink(writeLink(meta, { config }), labs);
        expect(read.notices).toEqual([]);
        expect(read.config).toEqual(config);
      }),
    );
  });

  it('carry every valid list of changes there and back, in order, however long', () => {
    const during = meta.controls.filter((c) => c.effect === 'knob' || c.effect === 'rebuild');
    const anyChange: fc.Arbitrary<LinkChange> = fc
      .constantFrom(...during)
      .chain((c) => fc.record({ step: fc.nat(999_999_999), id: fc.constant(c.id), value: anyValue(c) }));
    const anyChanges = fc
      .array(anyChange, { maxLength: MOST_CHANGES, size: 'max' })
      .map((changes) => changes.toSorted((a, b) => a.step - b.step));
    fc.assert(
      fc.property(anyChanges, anyConfig, (changes, config) => {
        const read = readLink(writeLink(meta, { config, changes }), labs);
        expect(read.notices).toEqual([]);
        expect(read.changes).toEqual(changes);
        expect(read.config).toEqual(config);
      }),
      { numRuns: 10 },
    );
  });

  it('carry as many drawn masks of the finest grid as there may be changes', () => {
    const changes = Array.from({ length: MOST_CHANGES }, (_, i) => ({
      step: 100_000 + i,
      id: 'drawn',
      value: (i % 16).toString(16).repeat(256),
    }));
    const read = readLink(writeLink(meta, { config: labDefaults(meta), changes }), labs);
    expect(read.notices).toEqual([]);
    expect(read.changes).toEqual(changes);
  });

  it('say how many changes they cannot replay', () => {
    const changes = Array.from({ length: MOST_CHANGES + 7 }, (_, step) => ({ step, id: 'lr', value: 0.001 }));
    const read = readLink(writeLink(meta, { config: labDefaults(meta), changes }), labs);
    expect(read.changes).toEqual(changes.slice(0, MOST_CHANGES));
    expect(read.notices).toMatchObject([{ setting: 'at', value: '2007', used: { en: 'the first 2000 changes' } }]);
  });

  it('are cut between two settings where they are too long', () => {
    const drawn = 'ab'.repeat(500);
    const changes = Array.from({ length: 2000 }, (_, step) => ({ step, id: 'drawn', value: drawn }));
    const read = readLink(writeLink(meta, { config: labDefaults(meta), changes }), labs);
    expect(read.notices).toMatchObject([{ setting: 'link', message: { en: /too long/ } }]);
    expect(read.changes.length).toBeGreaterThan(900);
    expect(read.changes).toEqual(changes.slice(0, read.changes.length));
  });

  it('name twenty wrong settings, and how many more there are', () => {
    const { notices } = readLink(`#/masked-images?${Array.from({ length: 33 }, (_, i) => `x${i}=1`).join('&')}`, labs);
    expect(notices).toHaveLength(21);
    expect(notices.at(-1)).toMatchObject({ setting: 'link', value: '+13' });
  });

  it('name a method of the lab, with or without a control for it', () => {
    const mae = readLink('#/masked-images?method=mae&mask=0.9&seed=7', labs);
    expect(mae.notices).toEqual([]);
    expect(mae.config).toEqual({ ...labDefaults(meta), mask: 0.9, seed: 7 });
    const [method] = diffusion.methods.filter((m) => Object.keys(m.config ?? {}).length > 0).slice(-1);
    const made = readLink(`#/diffusion?method=${method?.id}&seed=7`, labs);
    expect(made.notices).toEqual([]);
    expect(made.config).toMatchObject({ ...method?.config, seed: 7 });
  });

  it('speak both languages wherever they speak', () => {
    const query =
      'mask=7&cls=maybe&data=cats&colour=red&view=stars&preset=none&method=none&lock=x&at=5:seed:3&drawn=zz';
    const { notices } = readLink(`#/masked-images?${query}`, labs);
    expect(notices.length).toBeGreaterThan(9);
    for (const { message, used } of notices) {
      expect(message.zh).not.toMatch(/\b(is|it|not|of|outside|there|this)\b/i);
      if (typeof used !== 'string') expect(used.zh).not.toMatch(/[a-z]/);
      expect(used).not.toBe('nothing');
    }
  });

  it('never throw, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readLink(text, labs)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readLink(`#/masked-images?${text}`, labs)));
    expect(readLink(`#/masked-images?mask=${'9'.repeat(10_000_000)}`, labs).notices.length).toBeGreaterThan(0);
  });

  const CASES: readonly (readonly [string, string, string | { en: string }])[] = [
    ['mask=7', 'mask', '0.95'],
    ['mask=much', 'mask', '0.75'],
    ['data=cats', 'data', 'fashion'],
    ['cls=maybe', 'cls', '1'],
    ['v=99', 'v', '1'],
    ['mask=0.5&mask=0.6', 'mask', '0.5'],
    ['colour=red', 'colour', { en: 'nothing' }],
    ['seed=%E0%A4', 'seed=%E0%A4', { en: 'the default' }],
    ['patch=7&data=emoji', 'patch', 'patch=4'],
    ['at=5:seed:3', 'at', { en: 'nothing' }],
    ['view=stars', 'view', { en: 'the first view' }],
    ['preset=paper&preset=emoji', 'preset', 'paper'],
    ['method=moco', 'method', { en: 'the defaults' }],
    ['method=mae&method=beit', 'method', 'mae'],
  ];
  for (const [query, setting, used] of CASES) {
    it(`names ${setting} in ?${query} and says what was used`, () => {
      const { notices, lab } = readLink(`#/masked-images?${query}&lr=0.001`, labs);
      expect(lab).toBe(meta);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ setting, used });
      expect(readLink(`#/masked-images?${query}&lr=0.001`, labs).config['lr']).toBe(0.001);
    });
  }

  it('name a view or a panel to show first', () => {
    for (const view of ['attention', 'device'])
      expect(readLink(`#/masked-images?view=${view}`, labs)).toMatchObject({ view, notices: [] });
  });

  it('send an unknown lab to the gallery, with a notice', () => {
    const { lab, notices } = readLink('#/nowhere?mask=0.5', labs);
    expect(lab).toBeUndefined();
    expect(notices[0]).toMatchObject({ setting: 'lab', value: 'nowhere' });
  });
});
