/** WGSL for chains of pointwise ops: the loads, one line per op, the stores. */
import { withIncludes } from '../gpu/shader';
import { fullOp } from './ops/pointwise';
import { baseOf } from './simplify';
import { sizeOf, type DType, type Node, type Shape, type Tensor } from './tensor';

/** How an operand is indexed from the flat index of the result: segments from outer to inner, each broadcast or not. */
export type Access = 'same' | 'one' | readonly { readonly size: number; readonly broadcast: boolean }[];

/** The access of an operand of shape `from` in a result of shape `to`, with neighbouring dimensions of a kind joined. */
export function access(to: Shape, from: Shape): Access {
  const size = sizeOf(from);
  if (size === sizeOf(to)) return 'same';
  if (size === 1) return 'one';
  const segments: { size: number; broadcast: boolean }[] = [];
  to.forEach((d, i) => {
    if (d === 1) return;
    const broadcast = (from[i - to.length + from.length] ?? 1) === 1;
    const last = segments.at(-1);
    if (last && last.broadcast === broadcast) last.size *= d;
    else segments.push({ size: d, broadcast });
  });
  return segments;
}

/** Whether four neighbouring results read one vec4 or one scalar of the operand. */
export function canVectorise(how: Access, size: number): boolean {
  if (size % 4 !== 0) return false;
  if (how === 'same' || how === 'one') return true;
  return (how.at(-1)?.size ?? 0) % 4 === 0;
}

/** The element index of an operand as WGSL, from the flat index `i`. */
function indexExpression(how: Access): string {
  if (how === 'same') return 'i';
  if (how === 'one') return '0u';
  const terms: string[] = [];
  let inner = 1;
  let stride = 1;
  for (let s = how.length - 1; s >= 0; s--) {
    const segment = how[s];
    if (!segment) continue;
    if (!segment.broadcast) {
      const shifted = inner === 1 ? 'i' : `(i / ${inner}u)`;
      const wrapped = s === 0 ? shifted : `(${shifted} % ${segment.size}u)`;
      terms.push(stride === 1 ? wrapped : `${wrapped} * ${stride}u`);
      stride *= segment.size;
    }
    inner *= segment.size;
  }
  return terms.join(' + ') || '0u';
}

export interface ChainBinding {
  readonly name: string;
  readonly tensor: Tensor;
  readonly access: 'read' | 'read_write';
  readonly wgslType: string;
}

export interface Chain {
  readonly bindings: readonly ChainBinding[];
  /** Statements that load, compute and store at element index `i`; the root's value comes in as `value`. */
  readonly body: string;
  readonly includes: readonly string[];
}

const NAME: Record<DType, string> = { f32: 'f32', u32: 'u32', i32: 'i32' };

/**
 * The statements of a chain. `root` is the heavy node's output that arrives as `value`; `stores` are the values written out.
 */
export function chainOf(
  members: readonly Node[],
  root: Tensor | undefined,
  stores: readonly Tensor[],
  lanes: 1 | 4,
): Chain {
  const values = new Map<Tensor, string>();
  if (root) values.set(root, 'value');
  const bindings: ChainBinding[] = [];
  const names = new Map<string, string>();
  const lines: string[] = [];
  const includes = new Set<string>();
  const load = (operand: Tensor, result: Shape): string => {
    const base = baseOf(operand);
    const inside = values.get(base);
    if (inside !== undefined && sizeOf(operand.shape) === sizeOf(result)) return inside;
    if (base.node.op === fullOp.spec) return fullOp.spec.pointwise?.expression([], base.node.attrs as never) ?? 'T(0f)';
    const how = access(result, operand.shape);
    const splat = lanes === 4 && (how === 'one' || (how !== 'same' && how.at(-1)?.broadcast === true));
    const wide = lanes === 4 && !splat;
    const index = indexExpression(how);
    const key = `${base.node.id}.${base.index}|${wide}|${index}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const array = bindingFor(base, wide);
    const name = `x${names.size}`;
    const element = wide ? `${array}[(${index}) / 4u]` : `${array}[${index}]`;
    lines.push(splat && base.dtype === 'f32' ? `let ${name} = T(${element});` : `let ${name} = ${element};`);
    names.set(key, name);
    return name;
  };
  const bindingFor = (tensor: Tensor, wide: boolean): string => {
    const wgslType = wide ? `vec4<${NAME[tensor.dtype]}>` : NAME[tensor.dtype];
    const known = bindings.find((b) => b.tensor === tensor && b.wgslType === wgslType);
    if (known) return known.name;
    const name = `in${bindings.length}`;
    bindings.push({ name, tensor, access: 'read', wgslType });
    return name;
  };
  members.forEach((node, k) => {
    const [output] = node.outputs;
    const pointwise = node.op.pointwise;
    if (!output || !pointwise) throw new Error(`fusion: "${node.op.name}" is not pointwise`);
    const operands = node.inputs.map((t) => load(t, output.shape));
    lines.push(`let v${k} = ${pointwise.expression(operands, node.attrs as never)};`);
    values.set(output, `v${k}`);
    if (pointwise.include !== undefined) includes.add(pointwise.include);
  });
  stores.forEach((tensor, k) => {
    const value = values.get(tensor);
    if (value === undefined) throw new Error('fusion: a stored value is not in the chain');
    const name = `result${k}`;
    bindings.push({ name, tensor, access: 'read_write', wgslType: lanes === 4 ? 'vec4<f32>' : 'f32' });
    lines.push(`${name}[${lanes === 4 ? 'i / 4u' : 'i'}] = ${value};`);
  });
  return { bindings, body: lines.map((line) => `  ${line}`).join('\n'), includes: [...includes] };
}

function declarations(chain: Chain, firstBinding: number): string {
  return chain.bindings
    .map((b, k) => `@group(0) @binding(${firstBinding + k}) var<storage, ${b.access}> ${b.name}: array<${b.wgslType}>;`)
    .join('\n');
}

function includeLines(chain: Chain): string {
  return chain.includes.map((file) => `//!include ${file}`).join('\n');
}

/** A kernel of its own for a chain: entry `main`, uniform {count, width} of invocations, `lanes` elements each. */
export function pointwiseKernel(chain: Chain, lanes: 1 | 4): string {
  return withIncludes(`${includeLines(chain)}
alias T = ${lanes === 4 ? 'vec4<f32>' : 'f32'};
struct Dims { count: u32, width: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
${declarations(chain, 1)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let lane = id.y * dims.width + id.x;
  if (lane >= dims.count) { return; }
  let i = lane * ${lanes}u;
${chain.body}
}
`);
}

const EPILOGUE = /\/\/ @epilogue begin[^\n]*\n[\s\S]*?\/\/ @epilogue end[^\n]*/;

/** Puts a chain in the place of a kernel file's epilogue section. Throws if the file has none. */
export function spliceEpilogue(shader: string, code: string, chain: Chain, lanes: 1 | 4): string {
  if (!EPILOGUE.test(code)) throw new Error(`shader "${shader}": no "// @epilogue begin" … "// @epilogue end" section`);
  const rest = code.replace(EPILOGUE, '');
  const used = [...rest.matchAll(/@binding\((\d+)\)/g)].map((m) => Number(m[1]));
  const first = Math.max(0, ...used) + 1;
  const store = (width: 1 | 4, body: string) =>
    `fn store${width === 4 ? '4' : ''}(index: u32, value: ${width === 4 ? 'vec4<f32>' : 'f32'}) {\n${body}\n}`;
  const section = `alias T = ${lanes === 4 ? 'vec4<f32>' : 'f32'};
${withIncludes(includeLines(chain))}
${declarations(chain, first)}
${store(lanes, `  let i = index;\n${chain.body}`)}
${store(lanes === 4 ? 1 : 4, '')}`;
  return code.replace(EPILOGUE, () => section);
}
