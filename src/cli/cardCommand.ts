import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readCard } from '../data/load';
import { describeModel } from '../models/card';
import { readParameters } from '../models/maeOnnx';
import { readModelFacts } from '../models/modelFacts';
import { readLink } from '../train/link';
import { labs } from './labs';
import { labSession, readPublic } from './labSession';
import { readArguments, UsageError } from './usage';

/**
 * `card public/models/<id>/model.onnx`: opens the model by the link that the file holds, measures it on held-out data, and writes
 * card.json beside it, with the file's size and digest.
 */
export async function writeCard(args: readonly string[]): Promise<number> {
  const { positional, flags } = readArguments(args);
  const [file, extra] = positional;
  if (file === undefined || extra !== undefined || flags.size > 0) {
    throw new UsageError('card takes one file, such as public/models/mae-fashion/model.onnx');
  }
  const bytes = Uint8Array.from(await readFile(file));
  const { link, data, steps } = readModelFacts(readParameters(bytes).metadata);
  const { lab, config } = readLink(link, labs);
  if (!lab) throw new Error(`${file}: its link "${link.slice(0, 80)}" names no lab; export the model again`);
  const session = await labSession(lab, () => undefined);
  await session.open({ config, changes: [] });
  await session.importModel(bytes);
  const { metrics } = await session.evaluate();
  await session.close();
  const set = await readCard(data, readPublic);
  const method = lab.methods[0]?.title ?? lab.title.en;
  const card = await describeModel(
    {
      id: basename(dirname(file)),
      title: { en: `${method} on ${set.title.en}`, zh: `${method}：${set.title.zh}` },
      lab: lab.id,
      link,
      data,
      steps,
      metrics,
      licence: `MIT (weights); trained on: ${set.attribution}`,
    },
    bytes,
  );
  const text = `${JSON.stringify(card, null, 2)}\n`;
  await writeFile(join(dirname(file), 'card.json'), text);
  process.stdout.write(text);
  return 0;
}
