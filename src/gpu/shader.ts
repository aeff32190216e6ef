/**
 * WGSL files as they stand in `shaders/`, with their includes, their bindings and their uniform block read off the text.
 *
 * Nothing about a kernel's layout is written twice: the binding numbers, the names of the storage buffers and the order
 * of the uniform's fields all come from the WGSL itself.
 */

const SOURCES: Record<string, string> = import.meta.glob('../../shaders/**/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface UniformField {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
  /** Byte offset inside the uniform block; every field is four bytes. */
  readonly offset: number;
}

export interface ShaderModuleText {
  readonly name: string;
  readonly code: string;
  /** Storage bindings by variable name → binding number. */
  readonly bindings: ReadonlyMap<string, number>;
  /** The storage variables that are `read_write`. */
  readonly written: ReadonlySet<string>;
  /** Binding number of the uniform block, if there is one, and its fields in order. */
  readonly uniform: { readonly binding: number; readonly fields: readonly UniformField[] } | undefined;
  /** Names of pipeline-overridable constants. */
  readonly overrides: ReadonlySet<string>;
}

const INCLUDE = /^\/\/!include (\S+)\s*$/gm;

function sourceOf(path: string): string {
  const text = SOURCES[`../../shaders/${path}`];
  if (text === undefined) {
    throw new Error(`shader "${path}": no such file in shaders/; the name is the file name with .wgsl`);
  }
  return text;
}

/** The text of `shaders/<name>.wgsl` with each `//!include x.wgsl` file prepended once, in order of first mention. */
export function shaderText(name: string): string {
  return withIncludes(sourceOf(`${name}.wgsl`));
}

/** Prepends `shaders/include/<file>` for every `//!include <file>` line of a WGSL text, each file once. */
export function withIncludes(text: string): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  const visit = (source: string) => {
    for (const match of source.matchAll(INCLUDE)) {
      const file = match[1];
      if (file === undefined || seen.has(file)) continue;
      seen.add(file);
      const included = sourceOf(`include/${file}`);
      visit(included);
      parts.push(included);
    }
  };
  visit(text);
  return [...parts, text].join('\n');
}

/** Reads bindings, uniform fields and overrides off a complete WGSL text. Throws if a uniform field is not a 4-byte scalar. */
export function reflect(name: string, code: string): ShaderModuleText {
  const plain = code.replace(/\/\/[^\n]*/g, '');
  const bindings = new Map<string, number>();
  const written = new Set<string>();
  for (const m of plain.matchAll(/@group\(0\)\s*@binding\((\d+)\)\s*var<\s*storage([^>]*)>\s*(\w+)/g)) {
    bindings.set(String(m[3]), Number(m[1]));
    if (m[2]?.includes('read_write')) written.add(String(m[3]));
  }
  const overrides = new Set<string>();
  for (const m of plain.matchAll(/\boverride\s+(\w+)/g)) overrides.add(String(m[1]));
  const block = /@group\(0\)\s*@binding\((\d+)\)\s*var<\s*uniform\s*>\s*\w+\s*:\s*(\w+)/.exec(plain);
  return { name, code, bindings, written, overrides, uniform: block ? uniformOf(name, plain, block) : undefined };
}

function uniformOf(name: string, plain: string, block: RegExpExecArray) {
  const struct = new RegExp(`struct\\s+${block[2]}\\s*\\{([^}]*)\\}`).exec(plain);
  if (!struct) throw new Error(`shader "${name}": the uniform's struct ${block[2]} is not in the file`);
  const fields: UniformField[] = [];
  for (const m of String(struct[1]).matchAll(/(\w+)\s*:\s*([\w<>]+)/g)) {
    const type = m[2];
    if (type !== 'u32' && type !== 'i32' && type !== 'f32') {
      throw new Error(`shader "${name}": uniform field ${m[1]} is ${type}; use u32, i32 or f32 scalars`);
    }
    fields.push({ name: String(m[1]), type, offset: fields.length * 4 });
  }
  return { binding: Number(block[1]), fields };
}

/** Sets `const NAME = …;` lines by name, for values that WGSL wants as const-expressions (register tile sizes). */
export function setConstants(name: string, code: string, values: Readonly<Record<string, number>>): string {
  let text = code;
  for (const [key, value] of Object.entries(values)) {
    const line = new RegExp(`^const ${key}(\\s*:\\s*\\w+)?\\s*=[^;]*;`, 'm');
    const found = line.exec(text);
    if (!found) throw new Error(`shader "${name}": no "override ${key}" and no "const ${key}" to set to ${value}`);
    const type = found[1]?.replace(/[\s:]/g, '');
    const literal = type === 'f32' ? `f32(${value})` : type === 'i32' ? `${value}i` : `${value}u`;
    text = text.replace(line, `const ${key}${found[1] ?? ''} = ${literal};`);
  }
  return text;
}

/** Packs uniform values by field name into the block's bytes. Throws on a missing, unknown or non-finite value. */
export function packUniform(module: ShaderModuleText, values: Readonly<Record<string, number>>): ArrayBuffer {
  const fields = module.uniform?.fields ?? [];
  for (const key of Object.keys(values)) {
    if (!fields.some((f) => f.name === key)) {
      throw new Error(
        `shader "${module.name}": uniform has no field "${key}"; it has ${fields.map((f) => f.name).join(', ')}`,
      );
    }
  }
  const bytes = new ArrayBuffer(Math.max(16, Math.ceil((fields.length * 4) / 16) * 16));
  const view = new DataView(bytes);
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined || Number.isNaN(value)) {
      throw new Error(`shader "${module.name}": uniform field "${field.name}" is ${value}; give it a number`);
    }
    if (field.type === 'f32') view.setFloat32(field.offset, value, true);
    else if (field.type === 'u32') view.setUint32(field.offset, value, true);
    else view.setInt32(field.offset, value, true);
  }
  return bytes;
}
