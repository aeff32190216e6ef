/** The headless runner: the labs' own code in Node. Exit 0 on success, 1 on failure, 2 on bad usage. */
import { runClaims } from './claimsCommand';
import { writeCard } from './cardCommand';
import { labsReport } from './labsCommand';
import { writePicture } from './pictureCommand';
import { runSelfTest } from './selfTestCommand';
import { train } from './trainCommand';
import { UsageError } from './usage';

const USAGE = `usage: glimpse train '<link>' [--steps N] [--from FILE] [--onnx FILE] [--json] | claims <lab> [--only ID] [--steps N] [--json] | card FILE | picture <lab> | selftest [--json] | labs [--json]`;

const HELP = `${USAGE}

  train    runs a link without a page; --<setting> VALUE (see labs) lays a setting over it. The learning rate's schedule ends with
           the run: with another --steps N the curve is another from its start, not the first N steps of the link's.
           stepsPerSecond is that between the first report and the last: without the first steps, in which the driver compiles.
  claims   runs a lab's claims; --steps N sets the length of each training
  card     writes the card of a model file; picture draws a lab's picture for the gallery
  selftest checks the kernels on this machine; labs lists labs, methods and settings`;

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
    console.log(HELP);
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
