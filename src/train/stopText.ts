/** Why a run stopped, what was kept and what to do, as it is told to people. */
import type { Text } from './control';

export const finishedText = (steps: number): Text => ({ en: `Done: ${steps} steps.`, zh: `完成：共 ${steps} 步。` });

export function deviceLostText(reason: string): Text {
  return {
    en: `The GPU device was lost (${reason || 'no reason given'}).`,
    zh: `GPU 设备丢失（${reason || '未说明原因'}）。`,
  };
}

/** `column` is the scalar that went wrong; `kept` the step of the last good checkpoint, undefined where there is none. */
export function notFiniteText(step: number, column: string, kept: number | undefined): Text {
  const [en, zh] =
    kept === undefined
      ? ['There is no checkpoint yet: it can only start over.', '还没有检查点，只能重新开始。']
      : [`The checkpoint of step ${kept} is kept.`, `已保留第 ${kept} 步的检查点。`];
  return {
    en: `The ${column === 'gradientNorm' ? "gradient's norm" : 'loss'} is not a finite number at step ${step}; lower the learning rate. ${en}`,
    zh: `第 ${step} 步的${column === 'gradientNorm' ? '梯度范数' : '损失'}不是有限数，请降低学习率。${zh}`,
  };
}

export function outOfMemoryText(detail: string): Text {
  return {
    en: `The GPU has no memory left for this model (${detail}). Use a smaller batch or width.`,
    zh: `GPU 内存不足以容纳此模型（${detail}）。请减小批大小或宽度。`,
  };
}
