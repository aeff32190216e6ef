// Imports run one way: gpu → engine → nn → train → labs → app, each importing only what stands left of it. `data`, `models` and `ui`
// stand aside: they know engine types at most (`ui` the description of controls too, `data` the host's random numbers). No lab imports
// another lab. No cycles, except of types and between ops: the gradient of a slice is a pad, and that of a pad a slice. Lazy imports and
// import.meta.glob count as imports, but a lazy import closes no cycle.
import { dirname, relative, resolve, sep } from 'node:path';
import { pathBetween, readGraph, resolveImport } from './importGraph.js';

const MAY_IMPORT = {
  gpu: [],
  engine: ['gpu'],
  nn: ['engine', 'gpu'],
  data: ['engine/philox'],
  models: [],
  ui: ['train/control', 'data'],
  train: ['nn', 'engine', 'gpu', 'data', 'models', 'ui'],
  labs: ['train', 'nn', 'engine', 'gpu', 'data', 'models', 'ui'],
  app: ['labs', 'train', 'nn', 'engine', 'gpu', 'data', 'models', 'ui'],
  cli: ['labs', 'train', 'nn', 'engine', 'gpu', 'data', 'models'],
};
/** What may be imported by `import type` beyond that. */
const MAY_IMPORT_TYPES = { data: ['engine'], models: ['engine'], ui: ['engine'] };

/** Whether a path is, or lies in, one of the named layers or files. */
function within(path, names = []) {
  return names.some((name) => path === name || path.startsWith(`${name}/`) || path.startsWith(`${name}.`));
}

/** Why a file below src/ may not import another, or undefined. Paths are relative to src/, with slashes. */
export function forbidden(from, to, onlyTypes = false) {
  const [layer, ...inLayer] = from.split('/');
  const [target, ...inTarget] = to.split('/');
  for (const name of [layer, target]) {
    if (!(name in MAY_IMPORT)) return `src/${name} is no layer; add it to scripts/lint/importRule.js`;
  }
  if (layer === target) {
    const twoLabs = layer === 'labs' && inLayer.length > 1 && inTarget.length > 1 && inLayer[0] !== inTarget[0];
    return twoLabs ? `lab ${inLayer[0]} imports lab ${inTarget[0]}; move what they share left` : undefined;
  }
  if (within(to, MAY_IMPORT[layer]) || (onlyTypes && within(to, MAY_IMPORT_TYPES[layer]))) return undefined;
  return `${layer} may not import ${target}; imports run gpu → engine → nn → train → labs → app`;
}

/** The graph of a run of the linter; an editor keeps the process for hours, so it is read anew after a while. */
let graph;
function currentGraph(src) {
  if (graph?.src !== src || Date.now() - graph.readAt > 10_000) {
    graph = { src, readAt: Date.now(), files: readGraph(src) };
  }
  return graph.files;
}

/** The words that name files in `import.meta.glob('…')` or `import.meta.glob(['…'])`; none for other calls. */
function globbed({ callee, arguments: [first] }) {
  const isGlob =
    callee.type === 'MemberExpression' && callee.object.type === 'MetaProperty' && callee.property.name === 'glob';
  if (!isGlob || !first) return [];
  return first.type === 'ArrayExpression' ? first.elements : [first];
}

/** @type {import('eslint').Rule.RuleModule} */
export const importRule = {
  meta: { type: 'problem', schema: [], messages: { wrong: '{{why}}' } },
  create(context) {
    const src = resolve(context.cwd, 'src');
    const inSrc = (path) => relative(src, path).split(sep).join('/');
    const from = inSrc(context.filename);
    if (from.startsWith('..') || !from.includes('/')) return {};

    const checkLayer = (node, specifier, onlyTypes) => {
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const to = inSrc(resolve(dirname(context.filename), specifier));
      const why = to.startsWith('..') ? undefined : forbidden(from, to, onlyTypes);
      if (why) context.report({ node, messageId: 'wrong', data: { why } });
    };
    const checkCycle = (node, specifier) => {
      const target = resolveImport(context.filename, specifier);
      const back = target && pathBetween(currentGraph(src), target, context.filename);
      if (!back || back.every((file) => inSrc(file).startsWith('engine/ops/'))) return;
      const why = `cycle of imports: ${[context.filename, ...back].map(inSrc).join(' → ')}; move what they share left`;
      context.report({ node, messageId: 'wrong', data: { why } });
    };
    const declaration = (node) => {
      if (!node.source) return;
      const onlyTypes = node.importKind === 'type' || node.exportKind === 'type';
      checkLayer(node, node.source.value, onlyTypes);
      if (!onlyTypes && node.source.value.startsWith('.')) checkCycle(node, node.source.value);
    };
    return {
      ImportDeclaration: declaration,
      ExportNamedDeclaration: declaration,
      ExportAllDeclaration: declaration,
      ImportExpression: (node) => checkLayer(node, node.source.value, false),
      TSImportType: (node) => checkLayer(node, node.source?.value ?? node.argument?.literal?.value, true),
      CallExpression: (node) => globbed(node).forEach((word) => checkLayer(node, word?.value, false)),
    };
  },
};
