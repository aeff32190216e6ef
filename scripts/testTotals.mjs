/**
 * Counts a report of vitest's JSON reporter. A file that fails outside its tests (it does not load, its set-up fails) counts as one
 * failure, so that no failing run says "0 failed".
 */
export function totals(report) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const count = (status) => file.assertionResults.filter((test) => test.status === status).length;
    const [passed, failed] = [count('passed'), count('failed')];
    sum.passed += passed;
    sum.failed += file.status === 'failed' ? Math.max(1, failed) : failed;
    sum.skipped += file.assertionResults.length - passed - failed;
  }
  return sum;
}
