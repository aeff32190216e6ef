/** Readers of shapes as text: OFF (meshes), XYZ and CSV (points). */

import { SaidError } from './saidError';

/** What a file of a shape holds: points, and triangles where it is a mesh. */
export interface RawShape {
  /** [V, 3]. */
  readonly positions: ArrayLike<number>;
  /** [T, 3]; empty for a cloud. */
  readonly triangles: ArrayLike<number>;
  /** [V, 3] where the file has them. */
  readonly normals?: ArrayLike<number>;
}

/** OFF (Geomview): vertices, then polygons, which become fans. "OFF" may stand on the line of the counts, as in ModelNet. Throws. */
export function readOff(text: string): RawShape {
  const words = text.replace(/#[^\n]*/g, '').match(/[^\s,]+/g) ?? [];
  const head = /^(ST)?(C)?(N)?(4)?(n)?OFF/.exec(words[0] ?? '');
  if (!head) throw new SaidError({ en: 'it does not begin with OFF', zh: '开头不是 OFF' });
  const first = (words[0] ?? '').slice(head[0].length);
  const numbers = [...(first === '' ? [] : [first]), ...words.slice(1)].map(Number);
  const [vertices = NaN, faces = NaN] = numbers;
  if (!(vertices > 0 && vertices <= numbers.length && faces >= 0 && faces <= numbers.length))
    throw new SaidError({
      en: 'its counts of vertices and faces do not fit its length; it is cut off or no OFF file',
      zh: '顶点数与面数和文件长度不符；文件被截断，或不是 OFF 文件',
    });
  // Colours and normals of the variants stand behind the coordinates.
  const extra = (head[3] ? 3 : 0) + (head[2] ? 4 : 0);
  const positions = new Float32Array(3 * vertices);
  let at = 3;
  for (let i = 0; i < vertices; i++, at += 3 + extra)
    for (let c = 0; c < 3; c++) positions[3 * i + c] = numbers[at + c] ?? NaN;
  const triangles: number[] = [];
  for (let f = 0; f < faces; f++) {
    const corners = numbers[at] ?? NaN;
    if (!(corners >= 1 && at + corners < numbers.length))
      throw new SaidError({ en: `its face ${f + 1} is cut off`, zh: `第 ${f + 1} 个面被截断` });
    for (let k = 2; k < corners; k++)
      triangles.push(numbers[at + 1] ?? NaN, numbers[at + k] ?? NaN, numbers[at + k + 1] ?? NaN);
    at += 1 + corners;
  }
  return { positions, triangles };
}

const COLUMNS = ['x', 'y', 'z', 'nx', 'ny', 'nz'];

/** Column numbers of x, y, z and of the normal, by the names in a header line; the first three where it has none. */
function columnsOf(header: readonly string[]): number[] {
  const named = header.map((word) =>
    word
      .trim()
      .replace(/^["']|["']$/g, '')
      .toLowerCase(),
  );
  const found = COLUMNS.map((name) => named.indexOf(name));
  return found.slice(0, 3).every((place) => place >= 0) ? found : [0, 1, 2, -1, -1, -1];
}

/**
 * Lines of numbers, split by commas, semicolons or blanks: x y z, and what else there is. A header with the names x, y, z (nx, ny, nz)
 * says which columns count. Lines that are no numbers are left out. Throws where none is left.
 */
export function readTable(text: string): RawShape {
  const positions: number[] = [];
  const normals: number[] = [];
  let columns = [0, 1, 2, -1, -1, -1];
  let begun = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.trim() === '' || /^\s*(#|\/\/)/.test(line)) continue;
    const words = line
      .trim()
      .split(/[,;]|\s+/)
      .map((w) => w.trim());
    const cells = /[,;]/.test(line) ? line.split(/[,;]/) : words;
    const values = columns.map((place) => (place < 0 ? NaN : numberOf(cells[place])));
    if (values.slice(0, 3).some((v) => v === undefined)) {
      if (!begun) columns = columnsOf(cells);
      begun = true;
      continue;
    }
    begun = true;
    positions.push(...values.slice(0, 3).map((v) => v ?? NaN));
    normals.push(...values.slice(3).map((v) => v ?? NaN));
  }
  if (positions.length === 0)
    throw new SaidError({ en: 'no line of it holds three numbers', zh: '没有一行含有三个数' });
  return { positions, triangles: [], ...(normals.every((v) => !Number.isNaN(v)) && { normals }) };
}

/** A cell as a number (NaN is one); undefined for what is none. */
function numberOf(cell: string | undefined): number | undefined {
  const text = cell?.trim() ?? '';
  if (/^[+-]?nan$/i.test(text)) return NaN;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? undefined : value;
}
