import { describe, expect, it } from 'vitest';
import { forbidden } from './importRule.js';

describe('the import rule', () => {
  it('lets imports run to the left only', () => {
    expect(forbidden('engine/plan', 'gpu/shader')).toBeUndefined();
    expect(forbidden('gpu/shader', 'engine/plan')).toMatch(/gpu may not import engine/);
    expect(forbidden('train/session', 'labs/masked-images/meta')).toMatch(/train may not import labs/);
    expect(forbidden('ui/Slider', 'train/control')).toBeUndefined();
    expect(forbidden('ui/Slider', 'train/session')).toMatch(/ui may not import train/);
  });

  it('keeps labs apart', () => {
    expect(forbidden('labs/a/meta', 'labs/b/meta')).toMatch(/lab a imports lab b/);
    expect(forbidden('labs/a/meta', 'labs/props')).toBeUndefined();
    expect(forbidden('labs/a/meta', 'labs/a/model')).toBeUndefined();
  });
});
