import { describe, expect, it, vi } from 'vitest';
import { main } from './main';

describe('claims on a command line that makes no sense', () => {
  it.each([
    [[], /one lab; there are .*masked-images/],
    [['nothing'], /no lab "nothing"/],
    [['masked-images', 'more'], /one lab/],
    [['masked-images', '--only', 'magic'], /no such claim; there are visible-only-cost/],
    [['masked-images', '--steps', '0'], /--steps 0/],
    [['masked-images', '--fast', '1'], /--fast/],
  ])('%j: exit 2 and one line', async (args, line) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      expect(await main(['claims', ...args])).toBe(2);
      expect(said.mock.calls).toHaveLength(1);
      expect(said.mock.calls[0]?.[0]).toMatch(line);
      expect(String(said.mock.calls[0]?.[0])).not.toContain('\n');
    } finally {
      said.mockRestore();
    }
  });
});
