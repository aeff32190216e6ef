import type { Component } from 'svelte';
import type { LabMeta } from '../train/lab';
import type { LabProps, WithoutGpuProps } from '../labs/props';

const METAS = import.meta.glob<LabMeta>('../labs/*/meta.ts', { import: 'meta', eager: true });
const PAGES = import.meta.glob<Component<LabProps>>('../labs/*/Lab.svelte', { import: 'default' });

/** In the order of the gallery: what is hidden and predicted comes first. */
const FAMILIES: readonly LabMeta['family'][] = ['hide', 'compare', 'denoise', 'find', 'points', 'sequences'];

/** Labs that can be opened, by family. */
export const labs: readonly LabMeta[] = Object.values(METAS).sort(
  (a, b) => FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family),
);

export function loadLabPage(id: string): Promise<Component<LabProps>> {
  const load = PAGES[`../labs/${id}/Lab.svelte`];
  if (!load) throw new Error(`lab "${id}": it has no page`);
  return load();
}

const WITHOUT_GPU = import.meta.glob<Component<WithoutGpuProps>>('../labs/*/WithoutGpu.svelte', { import: 'default' });

/** What a lab can show without WebGPU, if anything. */
export async function loadPageWithoutGpu(id: string): Promise<Component<WithoutGpuProps> | undefined> {
  return WITHOUT_GPU[`../labs/${id}/WithoutGpu.svelte`]?.();
}

const PICTURES = import.meta.glob<string>('../labs/*/picture.png', { query: '?url', import: 'default', eager: true });

/** Address of a lab's strip of frames for the gallery (see labs/picture.ts); undefined where it has none. */
export function pictureOf(id: string): string | undefined {
  return PICTURES[`../labs/${id}/picture.png`];
}

/** What is to come, until its folder is there. */
const announced = [
  {
    id: 'diffusion',
    family: 'denoise',
    title: { en: 'Diffusion', zh: '扩散' },
    summary: {
      en: 'Flow matching, score matching, DDPM and EDM as settings of one model.',
      zh: '流匹配、分数匹配、DDPM 与 EDM：同一模型的不同设置。',
    },
  },
  {
    id: 'contrastive',
    family: 'compare',
    title: { en: 'Contrastive learning', zh: '对比学习' },
    summary: {
      en: 'Learn what stays the same: from InfoNCE to SimCLR, MoCo and DINO.',
      zh: '学习不变之处：从 InfoNCE 到 SimCLR、MoCo 与 DINO。',
    },
  },
  {
    id: 'point-clouds',
    family: 'points',
    title: { en: 'Point clouds', zh: '点云' },
    summary: { en: 'One object as views, voxels, points and graphs.', zh: '同一物体的四种表示：视图、体素、点与图。' },
  },
  {
    id: 'detection',
    family: 'find',
    title: { en: 'Detection', zh: '目标检测' },
    summary: {
      en: 'Faster R-CNN, R-FCN and deformable convolution, step by step.',
      zh: 'Faster R-CNN、R-FCN 与可变形卷积，逐步可见。',
    },
  },
  {
    id: 'language',
    family: 'sequences',
    title: { en: 'Language', zh: '语言模型' },
    summary: {
      en: 'From n-grams to BERT and GPT, trained on one book.',
      zh: '从 n 元模型到 BERT 与 GPT，只用一本书训练。',
    },
  },
  {
    id: 'sliding-window',
    family: 'sequences',
    title: { en: 'Sliding-window maximum', zh: '滑动窗口最大值' },
    summary: { en: 'One small problem, four algorithms, CPU and GPU.', zh: '一个小问题，四种算法，CPU 与 GPU。' },
  },
] as const;

/** Labs in preparation, shown so that people know where this is going. */
export const planned = announced.filter(({ id }) => !labs.some((lab) => lab.id === id));
