import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factProperties } from '../models/modelFacts';
import { encodeModel } from '../models/onnxProto';
import { meta } from './masked-images/meta';
import { readModelLink } from './modelLink';

const shipped = (id: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../public/models', id, 'model.onnx')));

describe('the link in a model file', () => {
  it('opens the lab with the settings of the file', () => {
    expect(readModelLink(shipped('mae-emoji'), [meta])).toBe('#/masked-images?v=1&data=emoji&lr=0.0015&steps=2000');
  });

  it('is that of the run’s end: what was changed on the way is in the weights', () => {
    const link = '#/masked-images?v=1&width=32&at=200:mask:0.5';
    const metadata = new Map(Object.entries(factProperties({ link, data: 'fashion', steps: 300 })));
    const bytes = encodeModel({
      ...{ irVersion: 8, producer: 'test', opsets: new Map([['', 17]]), graphName: 'none' },
      ...{ inputs: [], outputs: [], nodes: [], initialisers: [], metadata },
    });
    expect(readModelLink(bytes, [meta])).toBe('#/masked-images?v=1&mask=0.5&width=32');
  });

  it('is none where the file is no model of ours, or of a lab that is not here', () => {
    expect(readModelLink(new TextEncoder().encode('these are words'), [meta])).toBeUndefined();
    expect(readModelLink(shipped('mae-emoji'), [])).toBeUndefined();
  });
});
