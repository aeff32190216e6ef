import { expect, it } from 'vitest';
import { totals } from './testTotals.mjs';

const file = (status, ...tests) => ({ status, assertionResults: tests.map((t) => ({ status: t })) });

it('counts tests, and a file that fails without one as a failure', () => {
  const report = {
    testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed'), file('failed')],
  };
  expect(totals(report)).toEqual({ passed: 3, failed: 2, skipped: 0 });
});

it('counts what did not run', () => {
  expect(totals({ testResults: [file('failed', 'skipped', 'todo')] })).toEqual({ passed: 0, failed: 1, skipped: 2 });
});
