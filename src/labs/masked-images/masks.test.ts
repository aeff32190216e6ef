import { describe, expect, it } from 'vitest';
import { labDefaults, settle } from '../../train/lab';
import { readLink, writeLink } from '../../train/link';
import { drawnHidden, drawnText, hiddenPatches } from './masks';
import { meta } from './meta';

const hiddenOf = (link: string) => {
  const { config, notices } = readLink(link, [meta]);
  const hidden = drawnHidden(String(config['drawn']), 49);
  return { config, notices, count: hidden.reduce((a, b) => a + b, 0) };
};

describe('a drawn mask', () => {
  it('comes back from its text, at sizes that end within a digit', () => {
    for (const patches of [1, 4, 49, 64]) {
      const hidden = Float32Array.from({ length: patches }, (_, i) => ((i * 7) % 3) & 1);
      expect(drawnHidden(drawnText(hidden), patches)).toEqual(hidden);
    }
  });

  it('begins as the ratio hides where none was drawn, and says so', () => {
    const { config, notices, count } = hiddenOf('#/masked-images?shape=drawn&mask=0.5');
    expect(count).toBe(49 - Math.floor(49 * 0.5));
    expect(drawnHidden(String(config['drawn']), 49)).toEqual(
      hiddenPatches(7, 0.5, 'random', Number(config['seed']), 0),
    );
    expect(notices.map((n) => n.setting)).toEqual(['drawn']);
    // The link then holds the drawing, and opens without a word.
    expect(hiddenOf(writeLink(meta, { config })).notices).toEqual([]);
  });

  it('may hide nothing where that was drawn', () => {
    const nothing = drawnText(new Float32Array(49));
    expect(nothing).not.toBe('');
    const { notices, count } = hiddenOf(`#/masked-images?shape=drawn&drawn=${nothing}`);
    expect([notices, count]).toEqual([[], 0]);
  });

  it('stays as it is when another control moves', () => {
    const drawn = settle(meta, { ...labDefaults(meta), shape: 'drawn', drawn: 'f0f' }).config;
    expect(settle(meta, { ...drawn, mask: 0.2 }).config['drawn']).toBe('f0f');
  });

  it('takes the place of the ratio among the controls', () => {
    const ratio = meta.controls.find((c) => c.id === 'mask');
    const shown = (shape: string) => ratio?.shownWhen?.({ ...labDefaults(meta), shape });
    expect([shown('drawn'), shown('block')]).toEqual([false, true]);
  });
});
