import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forbidden, importRule } from './importRule.js';

describe('the table of layers', () => {
  it('lets imports run to the left only', () => {
    expect(forbidden('engine/plan', 'gpu/shader')).toBeUndefined();
    expect(forbidden('gpu/shader', 'engine/plan')).toMatch(/gpu may not import engine/);
    expect(forbidden('train/session', 'labs/masked-images/meta')).toMatch(/train may not import labs/);
    expect(forbidden('ui/Slider', 'train/control')).toBeUndefined();
    expect(forbidden('ui/Slider', 'train/controller')).toMatch(/ui may not import train/);
    expect(forbidden('ui/Slider', 'train/session')).toMatch(/ui may not import train/);
  });

  it('lets those who stand aside know types of the engine', () => {
    for (const layer of ['data', 'models', 'ui']) {
      expect(forbidden(`${layer}/a`, 'engine/tensor', true)).toBeUndefined();
      expect(forbidden(`${layer}/a`, 'engine/tensor')).toMatch(/may not import engine/);
      expect(forbidden(`${layer}/a`, 'gpu/device', true)).toMatch(/may not import gpu/);
    }
  });

  it('keeps labs apart', () => {
    expect(forbidden('labs/a/meta', 'labs/b/meta')).toMatch(/lab a imports lab b/);
    expect(forbidden('labs/a/meta', 'labs/props')).toBeUndefined();
    expect(forbidden('labs/a/meta', 'labs/a/model')).toBeUndefined();
  });

  it('knows every layer', () => {
    expect(forbidden('engine/plan', 'misc/helper')).toMatch(/src\/misc is no layer/);
  });
});

describe('the rule on files', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-rule-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Messages for each file of a small project. */
  function lint(files) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const linter = new Linter({ cwd: folder });
    const config = {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { glimpse: { rules: { imports: importRule } } },
      rules: { 'glimpse/imports': 'error' },
    };
    const check = ([name, text]) =>
      linter.verify(text, [config], { filename: join(folder, name) }).map((m) => m.message);
    return Object.fromEntries(Object.entries(files).map((entry) => [entry[0], check(entry)]));
  }

  it('finds a cycle, and says its way', () => {
    const found = lint({
      'src/engine/a.ts': "import { b } from './b';\nexport const a = b;\n",
      'src/engine/b.ts': "export * from './c';\nexport const b = 1;\n",
      'src/engine/c.ts': "import {\n  a,\n} from './a';\nexport const c = a;\n",
      'src/engine/d.ts': "import { a } from './a';\nexport const d = a;\n",
    });
    expect(found['src/engine/a.ts']).toEqual([
      'cycle of imports: engine/a.ts → engine/b.ts → engine/c.ts → engine/a.ts; move what they share left',
    ]);
    expect(found['src/engine/b.ts']).toHaveLength(1);
    expect(found['src/engine/c.ts']).toHaveLength(1);
    expect(found['src/engine/d.ts']).toEqual([]);
  });

  it('lets types and lazy imports close a cycle', () => {
    const found = lint({
      'src/engine/a.ts': "import { b } from './b';\nexport const a = b;\n",
      'src/engine/b.ts':
        "import type { a } from './a';\nexport const b = 1;\nexport const late = () => import('./a');\n",
    });
    expect(Object.values(found).flat()).toEqual([]);
  });

  it('sees re-exports, lazy imports, types in place and globs', () => {
    const found = lint({
      'src/train/a.ts': "export { meta } from '../labs/x/meta';\n",
      'src/train/b.ts': "export const b = () => import('../labs/x/meta');\n",
      'src/train/c.ts': "export const c = import.meta.glob(['../labs/*/meta.ts']);\n",
      'src/train/d.ts': "export type D = import('../labs/x/meta').Meta;\n",
      'src/train/e.ts': "export const e = import.meta.glob('../../tests/golden/*.json');\n",
    });
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(found[`src/train/${name}.ts`]).toEqual([expect.stringMatching(/train may not import labs/)]);
    }
    expect(found['src/train/e.ts']).toEqual([]);
  });
});
