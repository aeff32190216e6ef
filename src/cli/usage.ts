/** A command line that makes no sense: one clear sentence, exit code 2. */
export class UsageError extends Error {}

export interface Arguments {
  readonly positional: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** Splits arguments: `--name value`, and `--json` alone. Throws UsageError for a flag without its value. */
export function readArguments(args: readonly string[], switches: readonly string[] = ['json']): Arguments {
  const positional: string[] = [];
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('--')) {
      positional.push(arg);
      continue;
    }
    const name = arg.slice(2);
    if (switches.includes(name)) flags.set(name, '');
    else {
      const value = args[++i];
      if (value === undefined) throw new UsageError(`--${name} needs a value: it is no switch`);
      flags.set(name, value);
    }
  }
  return { positional, flags };
}

/** For commands that take no more than `--json`: whether it was given. Throws UsageError for anything else. */
export function onlyJson(command: string, args: readonly string[]): boolean {
  const { positional, flags } = readArguments(args);
  const extra = positional[0] ?? [...flags.keys()].filter((name) => name !== 'json').map((name) => `--${name}`)[0];
  if (extra !== undefined) throw new UsageError(`${command}: "${extra}" means nothing here; it takes --json alone`);
  return flags.has('json');
}
