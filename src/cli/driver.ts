import { existsSync } from 'node:fs';

/** Where Chromium's own software Vulkan driver is found. */
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/snap/chromium/current/usr/lib/chromium-browser/vk_swiftshader_icd.json',
];

export const NO_DRIVER =
  'No WebGPU adapter: set VK_DRIVER_FILES to a Vulkan driver\'s .json file, or install one ("apt-get install chromium" brings SwiftShader).';

/**
 * Chooses the Vulkan driver for Node's `webgpu` package: as VK_DRIVER_FILES (or the older VK_ICD_FILENAMES) says, else the machine's
 * own drivers where a GPU device node exists, else Chromium's SwiftShader. Must run before `webgpu` is loaded.
 */
export function chooseVulkanDriver(): void {
  const set = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  const chosen =
    set ??
    (existsSync('/dev/dri/renderD128') || existsSync('/dev/nvidia0')
      ? undefined
      : SWIFTSHADER.find((p) => existsSync(p)));
  if (chosen === undefined) return;
  process.env['VK_DRIVER_FILES'] = chosen;
  process.env['VK_ICD_FILENAMES'] = chosen;
  // The Vulkan loader complains on every start where there is no desktop.
  process.env['XDG_RUNTIME_DIR'] ??= '/tmp';
}

/** Kept for the life of the process: Dawn crashes when its instance is collected while devices live. */
let instance: GPU | undefined;

/** WebGPU in Node. Also puts GPUBufferUsage and its like where the browser has them. */
export async function nodeGpu(): Promise<GPU> {
  if (instance) return instance;
  chooseVulkanDriver();
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  instance = create([]);
  return instance;
}
