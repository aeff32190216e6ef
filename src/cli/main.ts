/** The headless runner: the labs' own code in Node. Exit 0 on success, 1 on failure, 2 on bad usage. */
import { runClaims } from './claimsCommand';
import { writeCard } from './cardCommand';
import { labsReport } from './labsCommand';
import { writePicture } from './pictureCommand';
import { runSelfTest } from './selfTestCommand';
import { train } from './trainCommand';
import { UsageError } from './usage';

const USAGE = `usage: glimpse train '<link>' [--steps N] [--from FILE] [--onnx FILE] [--json] | claims <lab> [--only ID] [--steps N] [--json] | card FILE | picture <lab> | selftest [--json] | labs [--json]`;

type Command = (args: readonly string[]) => number | Promise<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['train', train],
  ['claims', runClaims],
  ['card', writeCard],
  ['picture', writePicture],
  ['selftest', runSelfTest],
  ['labs', labsReport],
]);

export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '--help' || command === 'help') {
    console.log(USAGE);
    return 0;
  }
  try {
    const run = COMMANDS.get(command ?? '');
    if (run) return await run(rest);
    throw new UsageError(command === undefined ? USAGE : `unknown command "${command}"; ${USAGE}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}
