import { describe, expect, it } from 'vitest';
import { transportKey } from './transportKey';

const on = (tagName: string, role: string | null = null, inDialog = false) => ({ tagName, role, inDialog });

describe('keys of the transport', () => {
  it('act wherever nothing is focused that wants them', () => {
    expect([' ', 'ArrowRight', 'r', 'R', 'x'].map((key) => transportKey(key, on('BODY')))).toEqual([
      'toggle',
      'step',
      'reset',
      'reset',
      undefined,
    ]);
  });

  it('leave a button its space bar only: after a click on Play, R and the arrow still act', () => {
    expect([' ', 'ArrowRight', 'r'].map((key) => transportKey(key, on('BUTTON')))).toEqual([
      undefined,
      'step',
      'reset',
    ]);
  });

  it('leave typing, dialogs and the arrows of a choice alone', () => {
    for (const focused of [on('INPUT'), on('TEXTAREA'), on('SELECT'), on('BUTTON', null, true)])
      expect(['ArrowRight', 'r', ' '].map((key) => transportKey(key, focused))).toEqual(Array(3).fill(undefined));
    expect(transportKey('ArrowRight', on('BUTTON', 'radio'))).toBeUndefined();
  });
});
