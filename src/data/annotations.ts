/** Boxes that readers bring with their own pictures: COCO JSON and Pascal VOC XML. What is wrong is named and left out. */
import * as v from 'valibot';
import type { Skipped } from './ownImages';
import { SaidError } from './saidError';

/** (x1, y1, x2, y2) in pixels, continuous. */
export type Box = readonly [number, number, number, number];

export interface AnnotatedObject {
  /** Index into the classes. */
  readonly label: number;
  readonly box: Box;
  /** Neither counted nor held against a detector: VOC's difficult, COCO's crowds. */
  readonly difficult: boolean;
}

export interface AnnotatedImage {
  /** The picture's file name, without folders. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly AnnotatedObject[];
}

export interface Annotations {
  readonly classes: readonly string[];
  readonly images: readonly AnnotatedImage[];
  /** What was left out, and why. */
  readonly skipped: readonly Skipped[];
}

interface RawImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly {
    readonly category: string;
    readonly box: Box;
    readonly difficult: boolean;
    readonly place: string;
  }[];
}

/** A box may leave the picture by so much of a pixel, which is rounding. */
const SLACK = 1;

type Reason = Skipped['reason'];

/** What is wrong with an entry, with where it stands before it. */
function at(place: string, { en, zh }: Reason): Reason {
  return { en: `${place}: ${en}`, zh: `${place}：${zh}` };
}

/** Why a box cannot be used, or the box cut to the picture. */
function checkedBox(box: Box, width: number, height: number): { readonly box: Box } | { readonly reason: Reason } {
  const written = `[${box.join(', ')}]`;
  const not = (en: string, zh: string) => ({ reason: { en: `its box ${written} ${en}`, zh: `框 ${written} ${zh}` } });
  if (!box.every(Number.isFinite)) return not('is not four numbers', '不是四个数');
  const [x1, y1, x2, y2] = box;
  if (x2 <= x1 || y2 <= y1) return not('has no area', '没有面积');
  if (x1 < -SLACK || y1 < -SLACK || x2 > width + SLACK || y2 > height + SLACK)
    return not(`leaves the picture of ${width} × ${height}`, `超出 ${width} × ${height} 的图片`);
  return { box: [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)] };
}

const fileName = (path: string) => path.split(/[\\/]/).at(-1) ?? path;

/** Classes in the order of their names; images and boxes that cannot be used are named in `skipped`. */
function gathered(raw: readonly RawImage[], skipped: Skipped[]): Annotations {
  const names = [...new Set(raw.flatMap((i) => i.objects.map((o) => o.category)))].sort();
  const images: AnnotatedImage[] = [];
  for (const { name, width, height, objects } of raw) {
    if (!(width > 0 && height > 0 && Number.isFinite(width) && Number.isFinite(height))) {
      skipped.push({
        name,
        reason: { en: `its size ${width} × ${height} is none`, zh: `尺寸 ${width} × ${height} 无效` },
      });
      continue;
    }
    const kept = objects.flatMap(({ category, box, difficult, place }): AnnotatedObject[] => {
      const checked = checkedBox(box, width, height);
      if ('box' in checked) return [{ label: names.indexOf(category), box: checked.box, difficult }];
      skipped.push({ name, reason: at(`${place} ("${category}")`, checked.reason) });
      return [];
    });
    images.push({ name: fileName(name), width, height, objects: kept });
  }
  return { classes: names, images, skipped };
}

const Id = v.union([v.number(), v.string()]);
const CocoImage = v.object({ id: Id, file_name: v.string(), width: v.number(), height: v.number() });
const CocoCategory = v.object({ id: Id, name: v.string() });
const CocoAnnotation = v.object({
  image_id: Id,
  category_id: Id,
  bbox: v.array(v.number()),
  iscrowd: v.optional(v.union([v.number(), v.boolean()]), 0),
});

/** What fits a schema of a list; the rest is named. */
function fitting<S extends v.GenericSchema>(
  list: unknown,
  schema: S,
  what: string,
  file: string,
  skipped: Skipped[],
): { readonly item: v.InferOutput<S>; readonly place: string }[] {
  if (!Array.isArray(list))
    throw new SaidError({
      en: `${file}: it has no list "${what}"; a COCO file has images, annotations, categories`,
      zh: `${file}：缺少列表 "${what}"；COCO 文件应有 images、annotations、categories`,
    });
  return list.flatMap((item: unknown, i) => {
    const parsed = v.safeParse(schema, item);
    const place = `${what}[${i}]`;
    if (parsed.success) return [{ item: parsed.output, place }];
    const [issue] = parsed.issues;
    const path = issue.path?.map((p) => String(p.key)).join('.') ?? '';
    skipped.push({
      name: file,
      reason: at(`${place}${path ? `.${path}` : ''}`, { en: issue.message, zh: issue.message }),
    });
    return [];
  });
}

/** A COCO file (instances_*.json). Throws where it is no such file at all; bad entries are left out and named. */
export function readCoco(text: string, file = 'annotations.json'): Annotations {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SaidError({ en: `${file} is no JSON (${why})`, zh: `${file} 不是 JSON（${why}）` });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SaidError({
      en: `${file} is no COCO file: it must be an object with images, annotations and categories`,
      zh: `${file} 不是 COCO 文件：它应是含 images、annotations、categories 的对象`,
    });
  const lists = parsed as Readonly<Record<string, unknown>>;
  const skipped: Skipped[] = [];
  const categories = fitting(lists.categories, CocoCategory, 'categories', file, skipped);
  const names = new Map(categories.map(({ item }) => [item.id, item.name]));
  const images = new Map(
    fitting(lists.images, CocoImage, 'images', file, skipped).map(({ item }) => [
      item.id,
      { ...item, objects: [] as RawImage['objects'][number][] },
    ]),
  );
  for (const { item, place } of fitting(lists.annotations, CocoAnnotation, 'annotations', file, skipped)) {
    const image = images.get(item.image_id);
    const category = names.get(item.category_id);
    const [x = NaN, y = NaN, w = NaN, h = NaN] = item.bbox;
    const skip = (en: string, zh: string) => skipped.push({ name: file, reason: at(place, { en, zh }) });
    if (!image) skip(`there is no image ${item.image_id}`, `没有图片 ${item.image_id}`);
    else if (category === undefined) skip(`there is no category ${item.category_id}`, `没有类别 ${item.category_id}`);
    else if (item.bbox.length !== 4)
      skip(`its bbox has ${item.bbox.length} numbers`, `bbox 有 ${item.bbox.length} 个数`);
    else image.objects.push({ category, box: [x, y, x + w, y + h], difficult: Boolean(item.iscrowd), place });
  }
  return gathered(
    [...images.values()].map((i) => ({ ...i, name: i.file_name })),
    skipped,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
    .replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, code: string) => {
      if (!code.startsWith('#')) return ENTITIES[code] ?? whole;
      const number = /^#x/i.test(code) ? parseInt(code.slice(2), 16) : parseInt(code.slice(1), 10);
      return number <= 0x10ffff ? String.fromCodePoint(number) : whole;
    })
    .trim();
}

/** Contents of the elements of a name, in order; VOC nests none within its own kind but `part`s' boxes and names, which are cut out before. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}\\s*>`, 'g'))].map((m) => m[1] ?? '');
}

function textOf(xml: string, name: string): string | undefined {
  const [first] = elements(xml, name);
  return first === undefined ? undefined : unescaped(first);
}

const numberOf = (xml: string, name: string) => {
  const text = textOf(xml, name);
  return text === undefined || text === '' ? NaN : Number(text);
};

/**
 * Pascal VOC files, one for each picture. Their boxes are of whole pixels counted from 1, both ends inside: a box (1, 1, 1, 1) is the first pixel,
 * here (0, 0, 1, 1). A file that is no VOC annotation is left out and named, as is a bad box.
 */
export function readVoc(files: readonly { readonly name: string; readonly text: string }[]): Annotations {
  const skipped: Skipped[] = [];
  const raw = files.flatMap(({ name, text }): RawImage[] => {
    const [annotation] = elements(text.replace(/<!--[\s\S]*?-->/g, ''), 'annotation');
    if (annotation === undefined) {
      skipped.push({ name, reason: { en: 'it has no <annotation>', zh: '缺少 <annotation>' } });
      return [];
    }
    const found = elements(annotation, 'object');
    const head = annotation.replace(/<object(?:\s[^>]*)?>[\s\S]*?<\/object\s*>/g, '');
    const size = elements(head, 'size')[0] ?? '';
    const objects = found.flatMap((object, i): RawImage['objects'] => {
      const own = object.replace(/<part(?:\s[^>]*)?>[\s\S]*?<\/part\s*>/g, '');
      const category = textOf(own, 'name');
      const [box] = elements(own, 'bndbox');
      const place = `object ${i + 1}`;
      if (!category || box === undefined) {
        const missing = category ? '<bndbox>' : '<name>';
        skipped.push({ name, reason: { en: `${place} has no ${missing}`, zh: `${place} 缺少 ${missing}` } });
        return [];
      }
      const [x1, y1, x2, y2] = ['xmin', 'ymin', 'xmax', 'ymax'].map((side) => numberOf(box, side));
      const ends: Box = [(x1 ?? NaN) - 1, (y1 ?? NaN) - 1, x2 ?? NaN, y2 ?? NaN];
      return [{ category, box: ends, difficult: textOf(own, 'difficult') === '1', place }];
    });
    const image = textOf(head, 'filename') || name.replace(/\.xml$/i, '');
    return [{ name: image, width: numberOf(size, 'width'), height: numberOf(size, 'height'), objects }];
  });
  return gathered(raw, skipped);
}
