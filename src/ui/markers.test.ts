import { describe, expect, it } from 'vitest';
import { markOf } from './markers';

describe('marks of series', () => {
  it('differ in colour or shape from each other', () => {
    const all = Array.from({ length: 35 }, (_, i) => `${markOf(i).colour} ${markOf(i).shape}`);
    expect(new Set(all).size).toBe(35);
  });
});
