// Imports run one way: gpu → engine → nn → train → labs → app, each importing only what stands left of it. `data` and `ui` stand aside:
// they know engine types and the description of controls. No lab imports another lab.
import { dirname, relative, resolve, sep } from 'node:path';

const MAY_IMPORT = {
  gpu: [],
  engine: ['gpu'],
  nn: ['engine', 'gpu'],
  data: [],
  ui: ['train/control', 'data'],
  train: ['nn', 'engine', 'gpu', 'data'],
  labs: ['train', 'nn', 'engine', 'gpu', 'data', 'ui'],
  app: ['labs', 'train', 'nn', 'engine', 'gpu', 'data', 'ui'],
  cli: ['labs', 'train', 'nn', 'engine', 'gpu', 'data'],
};

/** Why a file below src/ may not import another, or undefined. Paths are relative to src/, with slashes. */
export function forbidden(from, to) {
  const [layer, lab] = from.split('/');
  const [target, otherLab] = to.split('/');
  const allowed = MAY_IMPORT[layer];
  if (!allowed || !(target in MAY_IMPORT)) return undefined;
  if (layer === target) {
    const twoLabs = layer === 'labs' && from.split('/').length > 2 && to.split('/').length > 2 && lab !== otherLab;
    return twoLabs ? `lab ${lab} imports lab ${otherLab}; move what they share left` : undefined;
  }
  const fits = allowed.some((name) => to === name || to.startsWith(`${name}/`) || to.startsWith(`${name}.`));
  return fits ? undefined : `${layer} may not import ${target}; imports run gpu → engine → nn → train → labs → app`;
}

/** @type {import('eslint').Rule.RuleModule} */
export const importRule = {
  meta: { type: 'problem', schema: [], messages: { wrong: '{{why}}' } },
  create(context) {
    const src = resolve(context.cwd, 'src');
    const from = relative(src, context.filename).split(sep).join('/');
    const check = (node) => {
      if (from.startsWith('..') || !node.source || !String(node.source.value).startsWith('.')) return;
      const to = relative(src, resolve(dirname(context.filename), String(node.source.value)))
        .split(sep)
        .join('/');
      const why = to.startsWith('..') ? undefined : forbidden(from, to);
      if (why) context.report({ node, messageId: 'wrong', data: { why } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
