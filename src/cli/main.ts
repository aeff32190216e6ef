/** The headless runner: the labs' own code in Node. Exit 0 on success, 1 on failure, 2 on bad usage. */
import { runClaims } from './claimsCommand';
import { writeCard } from './cardCommand';
import { labsReport } from './labsCommand';
import { runSelfTest } from './selfTestCommand';
import { train } from './trainCommand';
import { UsageError } from './usage';

const USAGE = `usage: glimpse train '<link>' [--steps N] [--from FILE] [--onnx FILE] [--json] | claims <lab> [--only ID] [--steps N] [--json] | card FILE | selftest [--json] | labs [--json]`;

export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  try {
    if (command === 'train') return await train(rest);
    if (command === 'claims') return await runClaims(rest);
    if (command === 'card') return await writeCard(rest);
    if (command === 'selftest') return await runSelfTest(rest);
    if (command === 'labs') return labsReport(rest);
    throw new UsageError(command === undefined ? USAGE : `unknown command "${command}"; ${USAGE}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}
