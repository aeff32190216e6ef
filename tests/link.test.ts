import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meta } from '../src/labs/masked-images/meta';
import { snap, type Config, type Control, type ControlValue } from '../src/train/control';
import { labDefaults, settle } from '../src/train/lab';
import { readLink, writeLink } from '../src/train/link';

const labs = [meta];

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

  it('carry changes during the run', () => {
    const changes = [
      { step: 20, id: 'mask', value: 0.5 },
      { step: 300, id: 'lr', value: 0.001 },
    ];
    const read = readLink(writeLink(meta, { config: labDefaults(meta), changes }), labs);
    expect(read.changes).toEqual(changes);
    expect(read.notices).toEqual([]);
  });

  it('never throw, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readLink(text, labs)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readLink(`#/masked-images?${text}`, labs)));
    expect(readLink(`#/masked-images?mask=${'9'.repeat(10_000_000)}`, labs).notices.length).toBeGreaterThan(0);
  });

  const CASES: readonly (readonly [string, string, string])[] = [
    ['mask=7', 'mask', '0.95'],
    ['mask=much', 'mask', '0.75'],
    ['data=cats', 'data', 'fashion'],
    ['cls=maybe', 'cls', '1'],
    ['v=99', 'v', '1'],
    ['mask=0.5&mask=0.6', 'mask', '0.5'],
    ['colour=red', 'colour', 'nothing'],
    ['seed=%E0%A4', 'seed=%E0%A4', 'the default'],
    ['patch=7&data=emoji', 'patch', 'patch=4'],
    ['at=5:seed:3', 'at', 'nothing'],
    ['view=stars', 'view', 'the first view'],
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
