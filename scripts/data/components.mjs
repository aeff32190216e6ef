// Electronic components with parts: KiCad's models (Debian's kicad-packages3d), whose materials have standard names. 1,024 points of each
// surface. Up to 44 models of a class, evenly over its names; near-duplicates differ in numbers only, so that a family is a name
// without its numbers (or with the first one, where a class has few such families), and families are held out whole.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackage } from './pack.mjs';
import { holdOut, loadSource, mixed, writeShapes } from './shapes.mjs';

const POINTS = 1024;
const HELD_OUT = 0.2;
const PER_CLASS = 44;

const CLASSES = [
  ['pin header', '排针', ['Connector_PinHeader_2.54mm', 'Connector_PinHeader_1.27mm']],
  ['pin socket', '排母', ['Connector_PinSocket_2.54mm', 'Connector_PinSocket_1.27mm']],
  ['terminal block', '接线端子', ['TerminalBlock_Phoenix', 'TerminalBlock_Altech']],
  ['pluggable terminal', '插拔端子', ['Connector_Phoenix_MC', 'Connector_Phoenix_MSTB']],
  ['D-sub', 'D-sub 连接器', ['Connector_Dsub']],
  ['flat cable connector', '排线连接器', ['Connector_FFC-FPC']],
  ['wire connector', '线束连接器', ['Connector_JST']],
  ['DIP package', 'DIP 封装', ['Package_DIP']],
  ['QFN package', 'QFN 封装', ['Package_DFN_QFN']],
  ['QFP package', 'QFP 封装', ['Package_QFP']],
  ['BGA package', 'BGA 封装', ['Package_BGA']],
  ['SO package', 'SO 封装', ['Package_SO']],
  ['power package', '功率封装', ['Package_TO_SOT_THT']],
  ['capacitor', '电容', ['Capacitor_THT']],
  ['resistor', '电阻', ['Resistor_THT']],
  ['diode', '二极管', ['Diode_THT']],
  ['LED', '发光二极管', ['LED_THT']],
  ['inductor', '电感', ['Inductor_THT']],
  ['varistor', '压敏电阻', ['Varistor']],
  ['relay', '继电器', ['Relay_THT']],
  ['crystal', '晶振', ['Crystal']],
  ['push button', '按钮', ['Button_Switch_SMD', 'Button_Switch_THT']],
];
const PARTS = [
  ['body', '主体'],
  ['contact', '引脚'],
  ['marking', '标记'],
  ['trim', '附件'],
];
const CONTACT = /^(PIN|MET)-/;
const MARKING = /^IC-LABEL/;
const [BODY, CONTACTS, MARKINGS, TRIM] = [0, 1, 2, 3];

/** Shapes of a VRML file as written by KiCad StepUp: vertices, faces and the name of the material. z is up there, y here. */
function readVrml(text) {
  return text
    .split(/\bShape\s*\{/)
    .slice(1)
    .flatMap((block) => {
      const numbers = (found) =>
        found?.[1]
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(Number);
      const faces = numbers(/coordIndex\s*\[([^\]]*)\]/.exec(block));
      const points = numbers(/point\s*\[([^\]]*)\]/.exec(block));
      const material = /material\s+(?:USE|DEF)\s+([\w-]+)/.exec(block)?.[1];
      if (!faces || !points || !material) return [];
      const positions = points.map((_, i) => {
        const [x, y, z] = points.slice(i - (i % 3), i - (i % 3) + 3);
        return [x, z, -y][i % 3];
      });
      const triangles = [];
      let face = [];
      for (const n of [...faces, -1]) {
        if (n >= 0) face.push(n);
        else {
          for (let k = 2; k < face.length; k++) triangles.push(face[0], face[k - 1], face[k]);
          face = [];
        }
      }
      return [{ material, mesh: { positions, triangles } }];
    });
}

function areaOf({ positions, triangles }) {
  let sum = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => positions.slice(3 * triangles[t + k], 3 * triangles[t + k] + 3));
    const [u, v] = [b, c].map((p) => p.map((x, i) => x - a[i]));
    sum += Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
  }
  return sum;
}

/** Contacts and markings by their materials; of the others, the one with the largest area is the body. */
function partsByMaterial(pieces) {
  const areas = new Map();
  for (const { material, mesh } of pieces) areas.set(material, (areas.get(material) ?? 0) + areaOf(mesh));
  const others = [...areas].filter(([name]) => !CONTACT.test(name) && !MARKING.test(name));
  const body = others.sort((a, b) => b[1] - a[1])[0]?.[0];
  return (material) => {
    if (CONTACT.test(material)) return CONTACTS;
    if (MARKING.test(material)) return MARKINGS;
    return material === body ? BODY : TRIM;
  };
}

const withoutNumbers = (name) => name.replace(/\d+(\.\d+)?/g, '#');
const withFirstNumber = (name) =>
  name.replace(/\d+(\.\d+)?/, (n) => `<${n}>`).replace(/(?<!<)\b\d+(\.\d+)?(?!>)/g, '#');

/** Every n-th of a list, `count` of them. */
function evenly(list, count) {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}

const models = join(debianPackage('kicad-packages3d'), 'usr/share/kicad/3dmodels');
const { sampleSurface, normaliseCloud } = await loadSource('/src/data/cloud.ts');
const { joinMeshes } = await loadSource('/src/data/mesh.ts');
const { Draws } = await loadSource('/src/data/draws.ts');
const shapes = [];
CLASSES.forEach(([, , folders], label) => {
  const files = folders.flatMap((folder) =>
    readdirSync(join(models, `${folder}.3dshapes`))
      .filter((file) => file.endsWith('.wrl'))
      .sort()
      .map((file) => ({ name: file.replace('.wrl', ''), path: join(models, `${folder}.3dshapes`, file) })),
  );
  // The GPL's files are left out: the set is CC-BY-SA throughout. So are those whose materials have no names: no parts can be told there.
  const free = files.filter(({ path }) => !/GPL|GNU General|material Material/.test(readFileSync(path, 'latin1')));
  const chosen = evenly(free, PER_CLASS);
  const few = new Set(chosen.map(({ name }) => withoutNumbers(name))).size < 5;
  for (const { name, path } of chosen) {
    const pieces = readVrml(readFileSync(path, 'latin1'));
    const partOf = partsByMaterial(pieces);
    const mesh = joinMeshes(pieces.map((p) => ({ mesh: p.mesh, part: partOf(p.material) })));
    try {
      const { cloud, radius } = normaliseCloud(sampleSurface(mesh, POINTS, new Draws(1, name)));
      // VRML units of these files are tenths of an inch.
      const facts = { name, creator: 'KiCad contributors', licence: 'CC-BY-SA-4.0' };
      const family = few ? withFirstNumber(name) : withoutNumbers(name);
      shapes.push({ cloud, radius: radius * 0.00254, label, family, ...facts });
    } catch (error) {
      console.warn(`${name}: ${error.message}; left out`);
    }
  }
});

const { heldOut } = holdOut(shapes, HELD_OUT);
writeShapes(
  'components',
  {
    title: { en: 'Components', zh: '电子元件' },
    source: 'KiCad packages3D, Debian package kicad-packages3d 6.0.10-1; sampled from their surfaces',
    licence: 'CC-BY-SA-4.0',
    attribution:
      'KiCad packages3D library © KiCad contributors, CC-BY-SA-4.0; this sampled set is under the same licence',
    classes: CLASSES.map(([en, zh]) => ({ en, zh })),
    parts: PARTS.map(([en, zh]) => ({ en, zh })),
  },
  mixed(shapes.filter((s) => !heldOut(s))),
  mixed(shapes.filter((s) => heldOut(s))),
);
