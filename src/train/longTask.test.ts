import { describe, expect, it } from 'vitest';
import { LongTask } from './longTask';

function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () =>
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped')),
    ),
  );
}

describe('a long task', () => {
  it('gives its result, and throws its error', async () => {
    const task = new LongTask();
    expect(await task.run(() => Promise.resolve(7))).toBe(7);
    await expect(task.run(() => Promise.reject(new Error('no labels')))).rejects.toThrow('no labels');
    expect(await task.run(() => Promise.resolve(8))).toBe(8);
  });

  it('runs alone, and gives nothing when it is stopped', async () => {
    const task = new LongTask();
    const first = task.run(untilStopped);
    await expect(task.run(() => Promise.resolve(1))).rejects.toThrow(/already/);
    await task.stop();
    expect(await first).toBeUndefined();
    expect(await task.run(() => Promise.resolve(2))).toBe(2);
  });
});
