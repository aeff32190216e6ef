import { expose, wrap } from 'comlink';
import { describe, expect, it } from 'vitest';
import { SaidError, textOf } from '../data/saidError';
import './thrown';

/** Calls `work` on the other side of a channel; what was thrown there, as it arrives here. */
async function arriving(work: () => void): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  expose({ work }, port1);
  port1.start();
  const far = wrap<{ work: () => void }>(port2);
  try {
    await far.work();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    port1.close();
    port2.close();
  }
}

describe('what a worker throws', () => {
  it('keeps its words in both languages', async () => {
    const error = await arriving(() => {
      throw new SaidError({ en: 'no room', zh: '没有房间' });
    });
    expect(textOf(error)).toEqual({ en: 'no room', zh: '没有房间' });
  });

  it('is as it was where it says nothing in Chinese', async () => {
    const error = await arriving(() => {
      throw new RangeError('too many');
    });
    expect(error).toMatchObject({ name: 'RangeError', message: 'too many' });
  });
});
