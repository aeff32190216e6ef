// Fashion-MNIST from Debian's dataset-fashion-mnist: 1,000 training and 200 held-out images of each class, in the order of the source.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { debianPackage, writeSet } from './pack.mjs';

const folder = debianPackage('dataset-fashion-mnist');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });

function idx(name, header) {
  const file = files.find((f) => f.includes(name));
  const raw = readFileSync(join(folder, file));
  return (file.endsWith('.gz') ? gunzipSync(raw) : raw).subarray(header);
}

function balanced(which, perClass) {
  const pixels = idx(`${which}-images-idx3`, 16);
  const labels = idx(`${which}-labels-idx1`, 8);
  const seen = new Array(10).fill(0);
  const items = [];
  labels.forEach((label, i) => {
    if (seen[label] >= perClass) return;
    seen[label]++;
    items.push({ pixels: pixels.subarray(i * 784, (i + 1) * 784), label });
  });
  return items;
}

const names = [
  ['T-shirt', 'T恤'],
  ['trousers', '裤子'],
  ['pullover', '套头衫'],
  ['dress', '连衣裙'],
  ['coat', '外套'],
  ['sandal', '凉鞋'],
  ['shirt', '衬衫'],
  ['sneaker', '运动鞋'],
  ['bag', '包'],
  ['ankle boot', '短靴'],
];

writeSet(
  'fashion',
  {
    title: { en: 'Fashion', zh: '服饰' },
    source: 'Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), Debian package dataset-fashion-mnist 0.0~git20200523.55506a9',
    licence: 'MIT',
    attribution: 'Fashion-MNIST © 2017 Zalando SE, MIT licence',
    channels: 1,
    size: 28,
    classes: names.map(([en, zh]) => ({ en, zh })),
  },
  balanced('train', 1000),
  balanced('t10k', 200),
);
